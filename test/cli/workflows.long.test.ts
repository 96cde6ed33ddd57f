import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AS_SOURCES } from '../as-sources.ts'
import { openBench } from './commands.ts'
import { runHere } from './here.ts'
import { REAL } from './programs.ts'

const PROGRAM = join(import.meta.dirname, 'workflow-program.ts')
const COMPILED = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE! }

test('workflows check replays open or exported runs against a program, and does nothing', async () => {
  const { folder, write } = openBench()
  write('antiphon.yaml', 'embedder: none\n')
  execFileSync(process.execPath, [...AS_SOURCES, PROGRAM], { cwd: folder, env: { ...COMPILED, RUNS: 'r1 r2' } })
  const workflows = (args: readonly string[], environment = {}) =>
    runHere(REAL, ['workflows', ...args], { folder, environment: { ...COMPILED, ...environment } })
  const hint = '  Date.now() is called again in each replay: write ctx.now()\n'
  expect(await workflows(['check', PROGRAM])).toEqual({
    code: 0,
    err: '',
    out: `order  version 1  2 open runs\n${hint}`,
  })
  const changed = await workflows(['check', PROGRAM], { STEP: 'pay' })
  expect(changed).toMatchObject({ code: 1, err: '' })
  expect(changed.out).toMatch(
    /r[12]: The workflow order has changed: the run began step `charge` at workflow-program\.ts:\d+, and the code now begins step `pay`/,
  )
  expect(changed.out).toContain("ctx.renamed('charge', 'pay')")
  const { out } = await workflows(['history', 'r1'])
  write('r1.json', out)
  const exported = await workflows(['check', PROGRAM, '--from', 'r1.json', '--json'], { STEP: 'pay' })
  expect(exported.code).toBe(1)
  expect(JSON.parse(exported.out)).toMatchObject({
    checked: 1,
    versions: [{ name: 'order', open: 1, differs: [{ run: 'r1' }] }],
  })
  expect((await workflows(['history', 'r9'])).code).toBe(2)
  expect(await workflows([])).toMatchObject({ code: 0, err: expect.stringContaining('No program with workflows') })
  write('antiphon.yaml', `embedder: none\napp: ${PROGRAM}\n`)
  expect(await workflows([])).toMatchObject({ code: 2, err: expect.stringContaining('expected a file in the folder') })
  write('app.mts', `await import(${JSON.stringify(PROGRAM)})`)
  write('antiphon.yaml', 'embedder: none\napp: app.mts\n')
  expect(await workflows([])).toMatchObject({ code: 0, out: expect.stringContaining('version 1  2 open runs') })
  expect(await runHere(REAL, ['check'], { folder, environment: COMPILED })).toMatchObject({
    code: 0,
    err: 'Checked 0 pipelines, 0 agents and 1 workflow: all fit.\n',
  })
  write('changed.mts', `process.env.STEP = 'pay'\nawait import(${JSON.stringify(`${PROGRAM}?pay`)})`)
  write('antiphon.yaml', 'embedder: none\napp: changed.mts\n')
  expect(await runHere(REAL, ['check'], { folder, environment: COMPILED })).toMatchObject({
    code: 1,
    err: expect.stringContaining('1 workflow: open runs would wait for other code.'),
  })
  expect(await runHere(REAL, ['signal', 'r1', 'go', 'null'], { folder, environment: COMPILED })).toMatchObject({
    code: 0,
  })
  const resumed = await runHere(REAL, ['resume', 'r1'], { folder, environment: COMPILED })
  expect(resumed).toMatchObject({ code: 1, err: expect.stringContaining("ctx.renamed('charge', 'pay')") })
  expect(resumed.err).toMatch(/^order\n[\s\S]*run\/r1 {2}waiting/)
})
