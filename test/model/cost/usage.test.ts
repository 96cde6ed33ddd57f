import { expect, it } from 'vitest'
import { sumUsage, toUsage } from '../../../src/model/cost/usage.ts'

const estimate = { input: () => 100, output: () => 20, window: 8000 }
const usageOf = (input: unknown, output: unknown) =>
  toUsage({ inputTokens: { total: input }, outputTokens: { total: output } } as Parameters<typeof toUsage>[0], estimate)

it('believes positive whole numbers within the window', () => {
  expect(usageOf(7, 3)).toEqual({ input: 7, output: 3 })
})

it.each([undefined, null, 0, -5, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '7', 8001, 1e300])(
  'estimates a number of tokens that is %s',
  (told) => {
    expect(usageOf(told, 3)).toEqual({ input: 100, output: 3, estimated: true })
    expect(usageOf(7, told)).toEqual({ input: 7, output: 20, estimated: true })
  },
)

it('estimates a call without any report', () => {
  for (const reported of [undefined, {}] as const)
    expect(toUsage(reported, estimate)).toEqual({ input: 100, output: 20, estimated: true })
})

it('believes that an empty reply has no tokens', () => {
  const empty = { ...estimate, output: () => 0 }
  expect(toUsage({ inputTokens: { total: 7 }, outputTokens: { total: 0 } } as never, empty)).toEqual({
    input: 7,
    output: 0,
  })
})

it('a sum with an estimate is an estimate', () => {
  const told = { input: 1, output: 1 }
  expect(sumUsage([told, told])).toEqual({ input: 2, output: 2 })
  expect(sumUsage([{ ...told, estimated: true }, told])).toEqual({ input: 2, output: 2, estimated: true })
})
