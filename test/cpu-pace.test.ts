import { expect, test } from 'vitest'
import { slownessNow } from './cpu-pace.ts'

test('a core is never quicker than a quiet one', () => {
  expect(slownessNow()).toBeGreaterThanOrEqual(1)
  expect(slownessNow()).toBeLessThan(100)
})
