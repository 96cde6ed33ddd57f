import { expect, test } from 'vitest'
import { attempt } from '../../../src/lib/flow/attempt.ts'

const fails = (): number => {
  throw new Error('no')
}

test('attempt() returns the result, or the other value if the work throws', () => {
  expect(attempt(() => 1, 2)).toBe(1)
  expect(attempt(() => undefined, 2)).toBeUndefined()
  expect(attempt(fails, 2)).toBe(2)
  expect(attempt(fails)).toBeUndefined()
})
