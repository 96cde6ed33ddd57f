import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { openBench } from './commands.ts'
import { runHere } from './here.ts'
import { REAL, realWith } from './programs.ts'

const usage = { input: 100, output: 20 }

test('models probe asks eight questions in a run, judges the answers, and asks nothing twice', async () => {
  const model = scriptedModel(
    [
      { match: 'colour of the clear sky', reply: 'BLUE', usage },
      { match: 'Ada Reed', reply: '{"name":"Ada Reed","berth":12}', usage },
      { match: 'night ferry leave?', reply: 'It leaves at 23:40.', usage },
      { match: 'ticket cost', reply: 'A ticket costs 5 EUR.', usage },
      { match: '17 + 25', reply: '67', usage },
      { match: 'tool echo', calls: [{ name: 'echo', input: { action: 'echo harbour' } }], times: 1, usage },
      { match: 'tool echo', reply: 'harbour', usage },
      { match: 'lighthouse', reply: 'zephyr-4711', usage },
      { match: 'about 100 words', reply: 'Gulls and nets.', usage },
    ],
    'lab/one',
  )
  const bench = openBench()
  bench.write('antiphon.yaml', '')
  bench.write(
    'models.yaml',
    'models: [{ id: lab/one, context: 16k, cost: { input: 0, output: 0 }, tokensPerSecond: 1000000 }]',
  )
  const probe = async () => {
    const { code, out, err } = await runHere(
      realWith({ 'lab/one': model }),
      ['models', 'probe', 'lab/one', '--id', 'probe-1', '--json'],
      bench,
    )
    expect(out, err).not.toBe('')
    return { code, report: JSON.parse(out) }
  }
  const { code, report } = await probe()
  expect(code).toBe(1)
  expect(report).toMatchObject({
    run: 'probe-1',
    capabilities: ['instruction', 'json', 'extraction', 'sums', 'tools', 'needle', 'speed'],
    contextWindow: 16_000,
    contradictions: [expect.stringMatching(/states 1000000 tokens a second, and .* were measured/)],
  })
  expect(model.calls).toHaveLength(9)
  expect(await probe()).toEqual({ code, report })
  expect(model.calls).toHaveLength(9)
})

test('models probe prints what the page shows of the offline model', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/models.md'), 'utf8')
  const [, shown] = /models probe offline\/extractive\n([\s\S]*?)```/.exec(page) ?? []
  const { code, out } = await runHere(REAL, ['models', 'probe', 'offline/extractive'], openBench())
  expect(code).toBe(1)
  expect(out).toBe(shown)
})

test('models probe refuses a model that does not exist', async () => {
  const bench = openBench()
  const { code, err } = await runHere(REAL, ['models', 'probe', 'nowhere/small'], bench)
  expect(code).toBe(2)
  expect(err).toContain('nowhere')
})
