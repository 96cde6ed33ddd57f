import { join, resolve } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { openBench } from './commands.ts'
import { runHere } from './here.ts'
import { REAL } from './programs.ts'

const TESTING = resolve(import.meta.dirname, '../../src/testing/index.ts')
const INDEX = resolve(import.meta.dirname, '../../src/index.ts')

/** A folder with a module of tests, whose model says `Hello.` unless the script is another one. */
function open(cases: string, more = '') {
  const bench = openBench()
  bench.write(
    'support.test.ts',
    `import { recordedModel, scriptedModel } from ${JSON.stringify(TESTING)}`,
    `import { defineAgent } from ${JSON.stringify(INDEX)}`,
    `const agent = defineAgent({ name: 'support', instructions: 'x' })`,
    `const model = scriptedModel([{ reply: 'Hello.', usage: { input: 1, output: 1 } }])`,
    more,
    `export default { agent, model, cases: [${cases}] }`,
  )
  return { ...bench, test: (...args: string[]) => runHere(REAL, ['agent', 'test', ...args], bench) }
}
const plain = (text: string) => text.replaceAll(/\d+ ms/g, 'N ms')

it('runs the tests of a module, and fails with one that fails', async () => {
  const { test } = open(
    `{ name: 'greets', input: 'Hi.', output: 'Hello' }, { name: 'thanks', input: 'Bye.', output: 'Thanks' }`,
  )
  const all = await test('support.test.ts')
  expect([all.code, plain(all.out).trim().split('\n').sort(), all.err]).toEqual([
    1,
    [
      '    output: expected a text that contains "Thanks", got "Hello."',
      'support: 1 of 2 cases failed',
      '✓ greets  1 round, 0 calls, N ms',
      '✗ thanks  1 round, 0 calls, N ms',
    ],
    '',
  ])
  const { code, out, err } = await test('support.test.ts', '--filter', 'greet', '--json')
  expect([code, plain(err)]).toEqual([0, '✓ greets  1 round, 0 calls, N ms\nsupport: 1 case passed\n'])
  expect(JSON.parse(out)).toMatchObject({ passed: true, tests: [{ agent: 'support', cases: [{ name: 'greets' }] }] })
})

it('records again with --record', async () => {
  const bench = open(
    `{ name: 'greets', input: 'Hi.', outputEquals: 'Hello.' }`,
    `const recorded = recordedModel(${JSON.stringify('FILE')}, { model })`,
  )
  vi.stubEnv('CI', 'true')
  onTestFinished(() => void vi.unstubAllEnvs())
  const file = bench.path('replies.json')
  const module = (name: string) =>
    bench.write(
      name,
      `import { recordedModel, scriptedModel } from ${JSON.stringify(TESTING)}`,
      `import { defineAgent } from ${JSON.stringify(INDEX)}`,
      `const real = scriptedModel([{ reply: 'Hello.', usage: { input: 1, output: 1 } }])`,
      `export default { agent: defineAgent({ name: 'support', instructions: 'x' }), model: recordedModel(${JSON.stringify(file)}, { model: real }), cases: [{ name: 'greets', input: 'Hi.' }] }`,
    )
  for (const name of ['a.ts', 'b.ts', 'c.ts']) module(name)
  const refused = await bench.test('a.ts')
  expect([refused.code, refused.out]).toEqual([1, expect.stringContaining('nothing is recorded where CI is set')])
  expect((await bench.test('b.ts', '--record')).code).toBe(0)
  expect((await bench.test('c.ts')).code).toBe(0)
  expect(process.env.ANTIPHON_RECORD).toBeUndefined()
})

it('tests an agent of files by a YAML file', async () => {
  const bench = open('')
  await runHere(REAL, ['agent', 'new', 'clerk'], bench)
  bench.write(
    join('agents', 'clerk.test.yaml'),
    'agent: clerk.md',
    'stubs:',
    '  filesystem:append: { action: append, path: notes.md, size: 9 }',
    'cases:',
    '  - name: notes a closing time',
    '    input: Note that the harbour closes at nine on Friday',
    '    answers: { filesystem:append: true }',
    '    calls: [{ tool: filesystem:append, input: { path: notes.md } }]',
    '    notCalled: [filesystem:write]',
    '  - name: waits for a person',
    '    input: Note that it rains',
    '    status: waiting',
  )
  const { code, out, err } = await bench.test('agents/clerk.test.yaml')
  expect([code, plain(out).trim().split('\n').sort(), err]).toEqual([
    0,
    [
      'clerk: 2 cases passed',
      '✓ notes a closing time  0 rounds, 1 call, N ms',
      '✓ waits for a person  0 rounds, 1 call, N ms',
    ],
    '',
  ])
})

it.each<readonly [what: string, file: string, lines: readonly string[], error: RegExp]>([
  ['a file that does not exist', 'none.ts', [], /There is no file .*none\.ts/],
  ['a file of another kind', 'a.md', ['x'], /expected a file that ends in \.ts/],
  [
    'a module without a default export',
    'a.ts',
    ['export const cases = []'],
    /it has no default export[\s\S]*export default \{ agent, cases \}/,
  ],
  ['a module that fails', 'a.ts', ["throw new Error('oh no')"], /a\.ts:1:.*cannot be loaded: oh no/],
  [
    'an unknown key',
    'a.ts',
    ["export default { agent: 'x', cases: [{ name: 'a', inptu: 'x' }] }"],
    /a\.ts.*`cases\.0\.inptu`: the key is unknown[\s\S]*Did you mean input\?/,
  ],
  [
    'an agent that does not exist',
    'a.ts',
    ["export default { agent: 'nobody', cases: [{ name: 'a', input: 'x' }] }"],
    /There is no agent nobody/,
  ],
  ['broken YAML', 'a.yaml', ['agent: [x'], /a\.yaml:1:\d+.*this is not YAML/],
  ['YAML without a map', 'a.yaml', ['- x'], /expected a map with the keys agent and cases/],
])('says what is wrong with %s', async (_, file, lines, error) => {
  const bench = open('')
  if (lines.length > 0) bench.write(file, ...lines)
  const { code, out, err } = await bench.test(file)
  expect([code, out, err]).toEqual([2, '', expect.stringMatching(error)])
})

it('says so if no case has the name', async () => {
  const { test } = open(`{ name: 'greets', input: 'Hi.' }`)
  expect(await test('support.test.ts', '--filter', 'none')).toMatchObject({
    code: 2,
    err: expect.stringContaining('No case has "none" in its name.'),
  })
})

it('says how many cases had ended at Ctrl-C, and takes none for failed that it cut off', async () => {
  const { write, start } = open('')
  write(
    'slow.test.ts',
    `import { scriptedModel } from ${JSON.stringify(TESTING)}`,
    `import { z } from ${JSON.stringify(import.meta.resolve('zod'))}`,
    `import { defineAgent, defineTool } from ${JSON.stringify(INDEX)}`,
    `const execute = (_, { signal }) => new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason)))`,
    `const wait = defineTool({ name: 'wait', description: 'waits', effect: 'pure', input: z.object({}), execute })`,
    `const model = scriptedModel([{ match: 'Wait', calls: [{ name: 'wait', input: {} }] }, { reply: 'Hello.' }])`,
    `const agent = defineAgent({ name: 'slow', instructions: 'x', tools: [wait] })`,
    `const cases = [{ name: 'greets', input: 'Hi.' }, { name: 'hangs', input: 'Wait.' }]`,
    'export default { agent, model, cases }',
  )
  const running = start(['agent', 'test', 'slow.test.ts'], REAL.self)
  await running.said('greets')
  running.child.kill('SIGINT')
  const { code, out, err } = await running.ended
  expect([code, plain(out), err]).toEqual([
    130,
    '✓ greets  1 round, 0 calls, N ms\n',
    'Stopped: 1 of 2 cases ended. Results of a stopped test are not kept.\n',
  ])
})
