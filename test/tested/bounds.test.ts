import { expect, it } from 'vitest'
import { bounded, MAX_RESULT_BYTES } from '../../src/tested/room/bounds.ts'
import { caseOf, resultOf } from './example.ts'

const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value))

it('leaves a small result as it is', () => {
  const result = { ...resultOf(), id: 'a' }
  expect(bounded(result)).toEqual(result)
})

it('cuts a long answer and a long list, and says so', () => {
  const calls = Array.from({ length: 80 }, (_, n) => ({ tool: `t${n}`, input: '{}' }))
  const [cut, whole] = bounded({
    ...resultOf({ cases: [caseOf('long', { answer: '🚢'.repeat(10_000), calls }), caseOf('short')] }),
    id: 'a',
  }).cases
  expect([cut!.answer!.length, cut!.answer!.isWellFormed(), cut!.calls.length, cut!.cut]).toEqual([
    8192,
    true,
    50,
    ['answer', 'calls'],
  ])
  expect(whole).toEqual(caseOf('short'))
})

it.each([30, 250])('keeps %d large cases below the limit, the failed ones first', (count) => {
  const long = '漢'.repeat(9000)
  const cases = Array.from({ length: count }, (_, n) =>
    caseOf(`${n} ${long}`, {
      passed: n < count - 2,
      answer: long,
      failures: Array.from({ length: 60 }, () => long),
      notes: [long],
      messages: [long, long],
      calls: Array.from({ length: 60 }, () => ({ tool: long, input: long, outcome: 'failed' })),
      models: [long],
    }),
  )
  const result = bounded({ ...resultOf({ cases, notes: [long], filter: long }), id: 'a' })
  const changed = result.cases.map((one) => ({ ...one, change: 'mended', differs: true }))
  expect(bytes({ ...result, cases: changed })).toBeLessThan(MAX_RESULT_BYTES)
  expect(result.left ?? 0).toBe(Math.max(0, count - 200))
  expect(result.cases.filter(({ passed }) => !passed)).toHaveLength(2)
})
