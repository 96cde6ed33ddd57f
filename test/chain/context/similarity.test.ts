import { expect, test } from 'vitest'
import { convergenceOf } from '../../../src/chain/context/similarity.ts'

test('without an earlier draft there is none', () => {
  expect(convergenceOf('a', undefined)).toBeNull()
})

test('0 for the same words, 1 for all new ones, between for some', () => {
  expect(convergenceOf('The moon, the Moon!', 'the moon the moon')).toBeCloseTo(0)
  expect(convergenceOf('one two', 'three four')).toBe(1)
  expect(convergenceOf('one two', 'one three')).toBeCloseTo(0.5)
})

test('two empty drafts say the same, an empty one and another do not', () => {
  expect(convergenceOf('', ' … ')).toBe(0)
  expect(convergenceOf('', 'moon')).toBe(1)
})
