import { expect, it } from 'vitest'
import { compareLong, fromWhole, isLongWhole, wholeOf } from '../../../src/lib/json/whole.ts'

it('knows whole numbers that a number cannot hold', () => {
  expect(['9007199254740993', '-1098765432109876543', ' 12345678901234567890 '].map(isLongWhole)).toEqual([
    true,
    true,
    true,
  ])
  expect(['9007199254740991', '12', '1.5', 'x', 9, null].map(isLongWhole)).toEqual(Array(6).fill(false))
  expect([wholeOf('5'), wholeOf(5), wholeOf(1.5), wholeOf('1e3')]).toEqual([5n, 5n, undefined, undefined])
  expect([fromWhole(5n), fromWhole(2n ** 60n)]).toEqual([5, '1152921504606846976'])
})

it('compares them digit by digit', () => {
  expect(compareLong('1098765432109876543', '1098765432109876544')).toBe(-1)
  expect(compareLong('10987654321098765430', '9987654321098765430')).toBe(1)
  expect(compareLong('1098765432109876543', 5)).toBe(1)
  expect(compareLong('1098765432109876543', 'x')).toBeUndefined()
  expect(compareLong(5, 6)).toBeUndefined()
})
