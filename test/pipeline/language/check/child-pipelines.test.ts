import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compileFile } from '../../../../src/pipeline/language/compile-file.ts'
import { callbackTools } from '../../../../src/pipeline/tools/callback-tools.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'
import { tool } from '../../workshop.ts'

const toolbox = createToolbox([tool('say', () => null, 'pure'), ...callbackTools])
const say = (text: string) => `steps: [{ id: a, tool: say, parameters: { text: ${JSON.stringify(text)} } }]`
const calls = (...names: readonly string[]) =>
  `steps:\n${names.map((name, n) => `  - { id: s${n}, tool: pipeline-executor, parameters: { pipeline: ${name} } }`).join('\n')}`

const FILES: { [path: string]: string } = {
  'flows/good.yaml': `name: good\n${say('{{ topic }}')}`,
  'flows/typo.yaml': `name: typo\nsteps:\n  - id: a\n    tool: sya`,
  'flows/broken.yaml': 'name: broken\nsteps: [',
  'flows/needs.yaml': `name: needs\ninputs: { n: { type: integer, required: true } }\n${say('{{ n }}')}`,
  'flows/around.yaml': `name: around\n${calls('there.yaml')}`,
  'flows/there.yaml': `name: there\n${calls('around.yaml', 'typo.yaml')}`,
  'flows/long.yaml': `name: long\n${say('{{ file:long.md }}')}`,
  'flows/long.md': `${'x'.repeat(1024 * 1024)}{{ nosuch }}`,
  'pipelines/far.yaml': `name: far\n${say('{{ nosuch }}')}`,
}
// each level names the next one several times
for (let n = 0; n < 30; n += 1)
  FILES[`flows/level${n}.yaml`] = `name: l${n}\n${calls(...Array(8).fill(`level${n + 1}.yaml`))}`

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'antiphon-children-'))
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function compile(parameters: string, more = '') {
  const text = `name: x\ninputs: { topic: tides }\nsteps:\n  - id: sub\n    tool: pipeline-executor\n    parameters:\n      pipeline: ${parameters}\n${more}`
  const path = join(folder, 'flows/p.yaml')
  await writeFile(path, text)
  return compileFile(path, { toolbox, shown: 'p.yaml', project: folder })
}

describe('a pipeline that runs below, named in so many words', () => {
  test('is looked at in loops in loops, too', async () => {
    const loops = `  - id: l\n    for_each: [1]\n    steps:\n      - id: m\n        for_each: [1]\n        steps:\n          - { id: n, tool: pipeline-executor, parameters: { pipeline: gone } }`
    const { findings } = await compile('good.yaml', loops)
    expect(findings).toMatchObject([{ code: 'would_fail', line: 14, step: 'n' }])
  })

  test.each([
    ['typo.yaml', /^the step would fail: flows\/typo.yaml:4:11: there is no tool `sya`$/, /Did you mean `say`/],
    ['broken.yaml', /this list is not closed/, /Close it/],
    ['gone.yaml', /^the step would fail: there is no pipeline gone.yaml$/, /searched are .*flows and /],
    ['gone', /there is no pipeline gone$/, /searched are /],
    ['far', /pipelines\/far.yaml:2:\d+: .*`nosuch`/, /./],
    ['needs.yaml', /needs.yaml requires the input `n`$/, /inputs:/],
    ['good.yaml\n      inherit_context: false', /good.yaml:2:\d+: .*`topic`/, /./],
  ])('is warned of when it will not do: %s', async (named, message, hint) => {
    const { pipeline, findings } = await compile(named)
    expect(findings).toMatchObject([
      { code: 'would_fail', severity: 'warning', file: 'p.yaml', line: 7, column: 17, step: 'sub' },
    ])
    expect(findings[0]!.message).toMatch(message)
    expect(findings[0]!.hint).toMatch(hint)
    expect(pipeline).toBeDefined()
  })

  test.each([
    'good.yaml',
    'good',
    'needs.yaml\n      inputs: { n: 2 }',
    'typo.yaml\n      inputs: "{{ topic }}"',
    '"{{ topic }}.yaml"',
    'around.yaml',
    'level0.yaml',
    // so much is not read for a warning
    'long.yaml',
  ])('is said nothing of when it may do, or when that cannot be told: %s', async (named) => {
    expect((await compile(named)).findings).toEqual([])
  })

  test('that stands in its step is warned of where it is wrong', async () => {
    const { findings } = await compile(
      '|\n        name: inner\n        steps:\n          - id: a\n            tool: sya\n',
    )
    expect(findings).toMatchObject([
      { code: 'would_fail', line: 11, column: 19, message: expect.stringMatching(/fail: there is no tool `sya`/) },
    ])
    const map = await compile('{ name: inner, steps: [{ id: a, tool: sya }] }')
    expect(map.findings).toMatchObject([
      { code: 'would_fail', line: 7, message: expect.stringMatching(/fail: there is no tool `sya`/) },
    ])
  })
})
