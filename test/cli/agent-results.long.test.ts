import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { TestDocument, TestSummary } from '../../src/tested/room/documents.ts'
import { openBench } from './commands.ts'
import { runHere } from './here.ts'
import { REAL } from './programs.ts'

const TESTING = resolve(import.meta.dirname, '../../src/testing/index.ts')

/** A folder with an agent in a file, and a test whose model says what a file says. */
function open() {
  const bench = openBench()
  mkdirSync(bench.path('agents'))
  bench.write('agents/clerk.md', '---', 'description: helps', '---', 'You help.')
  const agent = (...args: string[]) => runHere(REAL, ['agent', ...args], bench)
  const results = async (...args: string[]) => JSON.parse((await agent('results', ...args, '--json')).out)
  // a module is read once in a process, so each text has a file of its own, and the same test the same name
  let n = 0
  const test = async (reply: string, ...args: string[]) => {
    const folder = `v${n++}`
    mkdirSync(bench.path(folder))
    bench.write(
      join(folder, 'clerk.test.ts'),
      `import { scriptedModel } from ${JSON.stringify(TESTING)}`,
      `const model = scriptedModel([{ reply: ${JSON.stringify(reply)}, usage: { input: 3, output: 4 } }])`,
      `const cases = [{ name: 'greets', input: 'Hi.', output: 'Hello' }, { name: 'thanks', input: 'Bye.' }]`,
      `export default { agent: 'clerk', model, cases, price: { input: 1, output: 1 } }`,
    )
    return agent('test', join(folder, 'clerk.test.ts'), ...args)
  }
  return { ...bench, agent, results, test }
}

it('keeps results, and shows them side by side', async () => {
  const { agent, results, write, path } = open()
  expect((await agent('new', 'note')).code).toBe(0)
  write('clerk.test.yaml', 'agent: note', 'cases:', '  - { name: notes, input: Note that it rains, status: waiting }')
  const git = (...args: string[]) => execFileSync('git', args, { cwd: path('.'), stdio: 'pipe' })
  git('init', '-q')
  git('-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '-q', '--allow-empty', '-m', 'x')
  const commit = git('rev-parse', 'HEAD').toString().slice(0, 12)
  expect((await agent('test', 'clerk.test.yaml')).code).toBe(0)
  write('clerk.test.yaml', 'agent: note', 'cases:', '  - { name: notes, input: Note that it rains }')
  const second = await agent('test', 'clerk.test.yaml')
  expect([second.code, second.out]).toEqual([1, expect.stringContaining('broke since the last run: notes')])

  const [summary]: TestSummary[] = await results()
  expect(summary).toMatchObject({ file: 'clerk.test.yaml', agent: 'note', results: 2, last: { broke: ['notes'] } })
  const [document]: TestDocument[] = await results('clerk.test.yaml')
  const [newest, oldest] = document!.results
  expect(newest).toMatchObject({ passed: false, commit, cases: [{ name: 'notes', passed: false, change: 'broke' }] })
  expect(newest!.agentHash).toMatch(/^[0-9a-f]{16}$/)
  expect([newest!.agentHash === oldest!.agentHash, newest!.fileHash === oldest!.fileHash]).toEqual([true, false])
  const table = await agent('results', 'clerk.test.yaml')
  expect(table.out).toMatch(/notes +✗ broke +✓\n/)
  const both = await agent('results', summary!.test, '--case', 'notes')
  expect(both.out).toContain('status: expected completed, got waiting')
  expect((await agent('results')).out).toMatch(/clerk\.test\.yaml +note +0 of 1 +notes/)
})

it('keeps the tokens, the cost, the models and the answer of each case, and no secret', async () => {
  vi.stubEnv('SHIP_API_KEY', 'key-of-the-harbour')
  onTestFinished(() => void vi.unstubAllEnvs())
  const { results, test, agent, path } = open()
  expect((await test('Hello, the key is key-of-the-harbour.')).code).toBe(0)
  const [summary]: TestSummary[] = await results()
  expect(summary!.last).toMatchObject({ passed: true, cases: 2, tokens: 14, cost: 0.000014 })
  const folder = path(join('.antiphon', 'tests', summary!.test))
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  expect(texts.join()).not.toContain('key-of-the-harbour')
  expect(JSON.parse(texts[0]!).cases[0]).toMatchObject({
    answer: 'Hello, the key is [redacted].',
    models: ['test/model'],
    messages: ['Hi.'],
    status: 'completed',
  })
  expect((await agent('results', summary!.test, '--case', 'thanks')).out).toContain('Hello, the key is [redacted].')
})

it('keeps nothing with --no-save, and says what to do without results', async () => {
  const { agent, test } = open()
  expect((await test('Hello', '--no-save')).code).toBe(0)
  expect(await agent('results')).toEqual({
    code: 0,
    out: '',
    err: 'There are no results here yet. Run a test with: antiphon agent test FILE\n',
  })
  const { code, err } = await agent('results', 'clerk.test.ts')
  expect([code, err]).toEqual([2, expect.stringContaining('Run it first: antiphon agent test clerk.test.ts')])
})

it('a folder in which nothing can be stored fails no test', async () => {
  const { test, write } = open()
  write('.antiphon', 'a file')
  const { code, err } = await test('Hello')
  expect([code, err]).toEqual([0, expect.stringMatching(/^note: the results were not saved: /)])
})
