import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compileFile } from '../../../../src/pipeline/language/compile-file.ts'
import { builtinTools } from '../../../../src/tool/builtin/tools.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'

const toolbox = createToolbox(builtinTools)
let outer: string
let project: string
beforeEach(() => {
  outer = realpathSync(mkdtempSync(join(tmpdir(), 'antiphon-paths-')))
  project = join(outer, 'project')
  for (const folder of ['project', 'shared', 'shared/in']) mkdirSync(join(outer, folder))
  symlinkSync('shared/in', join(outer, 'link'))
})
afterEach(() => rmSync(outer, { recursive: true, force: true }))

/** What the compiler warns of where tools may touch the project and `shared`. */
async function warningsOf(steps: string, inputs = '{}') {
  const file = join(project, 'p.yaml')
  writeFileSync(file, `name: x\ninputs: ${inputs}\nsteps:\n${steps.replaceAll('OUTER', outer)}`)
  const { findings } = await compileFile(file, { toolbox, project, roots: [project, '../shared'] })
  return findings.filter(({ severity }) => severity !== 'info')
}

const file = (action: string, parameters: string) =>
  `  - { id: a, tool: filesystem, action: ${action}, parameters: ${parameters} }`

test.each([
  ['read', '{ path: /etc/passwd }', 'parameters.path', '/etc/passwd'],
  ['write', '{ path: ../x.txt, content: x }', 'parameters.path', '../x.txt'],
  ['copy', '{ path: a, destination: OUTER/x }', 'parameters.destination', '/x'],
  ['delete', '{ paths: [a, ../b] }', 'parameters.paths[1]', '../b'],
  ['read', '{ path: ../link/../x }', 'parameters.path', '../link/../x'],
])('a path outside the folders of tools is warned of: %s %s', async (action, parameters, where, path) => {
  expect(await warningsOf(file(action, parameters))).toMatchObject([
    {
      ...{ code: 'would_fail', severity: 'warning', step: 'a', line: 4, path: `steps[0].${where}` },
      message: expect.stringContaining(`${path} lies outside the folders that tools may touch`),
      hint: expect.stringContaining('`roots:`'),
    },
  ])
})

test.each([
  ['in the body of a loop', 'for_each: [1], steps: [{ id: b, STEP }]', 'steps[0].steps[0].parameters.path'],
  ['of a loop over its action', 'foreach: [1], STEP', 'steps[0].parameters.path'],
])('so it is once %s', async (_, loop, path) => {
  const step = loop.replace('STEP', 'tool: filesystem, action: read, parameters: { path: /etc/passwd }')
  expect(await warningsOf(`  - { id: a, ${step} }`)).toMatchObject([{ code: 'would_fail', path }])
})

test.each([
  ['where a command works', '  - { id: a, tool: terminal, parameters: { command: ls, cwd: / } }', 'parameters.cwd'],
  [
    'where a report is written',
    '  - { id: a, tool: report-generator, action: generate, parameters: { content: x, output_path: /x.md } }',
    'parameters.output_path',
  ],
  ['where a result is kept', '  - { id: a, action: echo hi, location: /x.txt }', 'location'],
])('so it is %s', async (_, step, path) => {
  expect(await warningsOf(step)).toMatchObject([{ code: 'would_fail', path: `steps[0].${path}` }])
})

test.each([
  ['in the project', '{ path: a/../b }', '{}'],
  ['in another root', '{ path: OUTER/shared/none/at/all }', '{}'],
  ['behind a link that leads into one', '{ path: ../link/x }', '{}'],
  ['told by a template', '{ path: "/etc/{{ n }}" }', '{ n: x }'],
  ['that a run may open', '{ path: /etc/passwd }', '{ folder: { type: folder, default: /etc } }'],
])('nothing is said of a path %s', async (_, parameters, inputs) => {
  expect(await warningsOf(file('read', parameters), inputs)).toEqual([])
})
