import { describe, expect, it } from 'vitest'
import { sumUsage, toSpent } from '../../../src/model/cost/usage.ts'

const estimate = { input: () => 100, output: () => 20, window: 8000 }
const usageOf = (input: unknown, output: unknown) =>
  toSpent({ inputTokens: { total: input }, outputTokens: { total: output } } as Parameters<typeof toSpent>[0], estimate)
    .usage

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
    expect(toSpent(reported, estimate).usage).toEqual({ input: 100, output: 20, estimated: true })
})

it('believes that an empty reply has no tokens', () => {
  const empty = { ...estimate, output: () => 0 }
  expect(toSpent({ inputTokens: { total: 7 }, outputTokens: { total: 0 } } as never, empty).usage).toEqual({
    input: 7,
    output: 0,
  })
})

it('a sum with an estimate is an estimate', () => {
  const told = { input: 1, output: 1 }
  expect(sumUsage([told, told])).toEqual({ input: 2, output: 2 })
  expect(sumUsage([{ ...told, estimated: true }, told])).toEqual({ input: 2, output: 2, estimated: true })
})

describe('the cached part of an input', () => {
  const cached = (cacheRead: unknown, cacheWrite?: unknown, total: unknown = 1000) =>
    toSpent({ inputTokens: { total, cacheRead, cacheWrite }, outputTokens: { total: 3 } } as never, estimate).usage

  it('is a part of it, and part of a sum', () => {
    expect(cached(900, 50)).toEqual({ input: 1000, output: 3, cacheRead: 900, cacheWrite: 50 })
    expect(cached(0, 0)).toEqual({ input: 1000, output: 3 })
    expect(sumUsage([cached(900, 50), cached(100), cached(undefined)])).toEqual({
      input: 3000,
      output: 9,
      cacheRead: 1000,
      cacheWrite: 50,
    })
  })

  it.each([-1, Number.NaN, Infinity, '9', 1001, 1e300, 0.5])('is not believed if it is %s', (told) => {
    expect(cached(told)).toEqual({ input: 1000, output: 3 })
    expect(cached(undefined, told)).toEqual({ input: 1000, output: 3 })
  })

  it('is not believed if both parts exceed it, or if the input itself is an estimate', () => {
    expect(cached(600, 600)).toEqual({ input: 1000, output: 3 })
    expect(cached(600, 0, 1e300)).toEqual({ input: 100, output: 3, estimated: true })
  })

  it('is read where a server of the chat protocol says what it wrote', () => {
    const raw = { prompt_tokens_details: { cache_write_tokens: 40 } }
    const inputTokens = { total: 1000, cacheRead: 0, cacheWrite: undefined }
    expect(toSpent({ inputTokens, outputTokens: { total: 3 }, raw } as never, estimate).usage).toEqual({
      input: 1000,
      output: 3,
      cacheWrite: 40,
    })
  })
})

describe('the cost of a call', () => {
  const reported = { inputTokens: { total: 1000, cacheRead: 800, cacheWrite: 100 }, outputTokens: { total: 10 } }
  const costOf = (raw?: object, more: Partial<Parameters<typeof toSpent>[1]> = {}) =>
    toSpent({ ...reported, raw } as never, { ...estimate, ...more }).cost
  const price = { input: 1, output: 10, cacheRead: 0.1, cacheWrite: 1.25 }

  it('counts each part of the input with its own price', () => {
    expect(costOf({}, { price })).toBeCloseTo((100 + 80 + 125 + 100) / 1e6, 12)
    expect(costOf({}, { price, promptCache: '1h' })).toBeCloseTo((100 + 80 + 200 + 100) / 1e6, 12)
    expect(costOf({}, { price: { input: 1, output: 10 } })).toBeCloseTo(1100 / 1e6, 12)
    expect(costOf()).toBeUndefined()
  })

  it('is the charge that a gateway reports, with that of the provider for a key of the caller', () => {
    expect(costOf({ cost: 0.5 }, { price })).toBe(0.5)
    expect(costOf({ cost: 0.5 })).toBe(0.5)
    expect(costOf({ cost: 0.1, is_byok: true, cost_details: { upstream_inference_cost: 0.5 } })).toBeCloseTo(0.6, 12)
    expect(costOf({ cost: 0.1, cost_details: { upstream_inference_cost: 0.1 } })).toBe(0.1)
  })

  it.each([-1, Number.NaN, 1e9, '1', null, { total_cost: 1 }])('is not a charge of %s', (cost) => {
    expect(costOf({ cost }, { price })).toBeCloseTo(405 / 1e6, 12)
  })

  it('is not 0 because a gateway knows no prices', () => {
    expect(costOf({ cost: 0 }, { price })).toBeCloseTo(405 / 1e6, 12)
    expect([costOf({ cost: 0 }), costOf({ cost: 0 }, { price: { input: 0, output: 0 } })]).toEqual([0, 0])
  })
})
