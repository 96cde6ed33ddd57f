import { expect, it } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import { needleTokens, probesFor } from '../../../src/model/probe/probes.ts'
import { type ProbeEnd, reportOf } from '../../../src/model/probe/report.ts'

const answer = (value: Json, more: object = {}): ProbeEnd => ({
  answer: { value, tools: [], seconds: 2, written: 40, ...more },
})

it.each([
  ['instruction', 'BLUE.', 'Blue'],
  ['json', { name: 'Ada Reed', berth: 12 }, null],
  ['extraction', 'It leaves at 23:40.', 'At 7:15 and at 23:40.'],
  ['refusal', 'unknown', 'A ticket costs 5 EUR.'],
  ['sums', 'The result is 67', '84'],
  ['needle', 'zephyr-4711', 'The text does not say it.'],
])('the probe %s passes for %j, and fails for %j', (id, right, wrong) => {
  const probe = probesFor().find((one) => one.id === id)!
  const verdict = (value: Json) => reportOf({ id: 'a/b' }, [probe], new Map([[id, answer(value)]])).probeResults[0]
  expect(verdict(right)).toMatchObject({ verdict: 'passed', seconds: 2 })
  expect(verdict(wrong)).toMatchObject({ verdict: 'failed' })
})

it('a call of the tool counts, not a text about it', () => {
  const probe = probesFor().find(({ id }) => id === 'tools')!
  expect(probe.passes({ value: 'harbour', tools: [], seconds: 1, written: 1 })).toBe(false)
  expect(probe.passes({ value: '', tools: ['echo'], seconds: 1, written: 1 })).toBe(true)
})

it('the needle takes half of the stated context, up to a bound, and stands once in it', () => {
  const promptFor = (context: number) => probesFor(context).find(({ id }) => id === 'needle')!.parameters.prompt
  expect(needleTokens(2_000_000)).toBe(200_000)
  expect(promptFor(40_000).length / 3 / needleTokens(40_000)).toBeCloseTo(1, 1)
  expect(promptFor(40_000).split('zephyr-4711')).toHaveLength(2)
})

it('the report says where the description claims otherwise', () => {
  const facts = { id: 'a/b', capabilities: ['json'], context: 8000, tokensPerSecond: 100 }
  const ends = new Map<string, ProbeEnd>([
    ['json', { fault: 'the reply is not JSON' }],
    ['tools', answer('', { tools: ['echo'] })],
    ['needle', answer('no password')],
    ['speed', answer('A harbour')],
  ])
  expect(reportOf(facts, probesFor(8000), ends)).toMatchObject({
    capabilities: ['tools', 'speed'],
    contextWindow: null,
    tokensPerSecond: 20,
    contradictions: [
      'The description of a/b names the capability json, and it failed that probe.',
      'The description of a/b states a context of 8000 tokens, and a word in 4000 tokens was not found.',
      'The description of a/b states 100 tokens a second, and 20 were measured.',
    ],
  })
})

it('a probe without an answer is not asked, and shows nothing', () => {
  const { probeResults, contextWindow } = reportOf({ id: 'a/b', context: 8000 }, probesFor(8000), new Map())
  expect(new Set(probeResults.map(({ verdict }) => verdict))).toEqual(new Set(['not asked']))
  expect(contextWindow).toBeNull()
})
