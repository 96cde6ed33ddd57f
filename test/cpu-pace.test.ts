import { expect, test } from 'vitest'
import { slownessNow, slownessOf } from './cpu-pace.ts'

test('the middle try says how slow a core is, and none is quicker than a quiet one', () => {
  expect(slownessOf([900, 60, 50])).toBe(3)
  expect(slownessOf([1, 2, 3])).toBe(1)
  expect(slownessNow()).toBeLessThan(100)
})
