import { expect, it } from 'vitest'
import { addSample, rateOf, type Sample } from '../../../src/cli/render/live-view.ts'

const samples = (...pairs: readonly [at: number, value: number][]) =>
  pairs.reduce<readonly Sample[]>((all, [at, value]) => addSample(all, { at, value }), [])

it('tells growth per second once half a second was seen', () => {
  expect(rateOf([])).toBeUndefined()
  expect(rateOf(samples([0, 0], [400, 10]))).toBeUndefined()
  expect(rateOf(samples([0, 0], [400, 10], [2000, 50]))).toBe(25)
})

it('forgets what is older than five seconds', () => {
  expect(rateOf(samples([0, 0], [1000, 1000], [6000, 1000]))).toBe(0)
})
