import { expect, test } from 'vitest'
import { mayLosePrecision, parseExact, withExactNumbers } from '../../src/kernel/json.ts'

test.each([
  ['{"id": 1098765432109876543, "n": 1.5}', { id: '1098765432109876543', n: 1.5 }],
  ['[[-9007199254740993], 9007199254740991]', [['-9007199254740993'], 9007199254740991]],
  ['{"a": 1e400}', { a: '1e400' }],
  ['{"a": 1e200, "b": 1.50E+20, "c": 9007199254740994.0}', { a: 1e200, b: 1.5e20, c: 9007199254740994 }],
  ['[12345678901234567.89, 12345678901.2345678e10]', ['12345678901234567.89', '12345678901.2345678e10']],
  ['[0.1234567890123456789, 1e-7, -0, 1e5]', [0.12345678901234568, 1e-7, -0, 100000]],
  ['"1098765432109876543"', '1098765432109876543'],
])('no number of %s loses digits', (text, value) => {
  expect(parseExact(text)).toEqual(value)
})

test('text that is not JSON is rejected', () => {
  expect(() => parseExact('[1098765432109876543')).toThrow(SyntaxError)
})

test.each([
  ['{"a": 0.1234567890123456789, "b": [0.8444218515250481]}', false],
  ['{"at": "12345678901234567", "sha": "3e81ab", "a": 123456789012345}', false],
  ['{"a": 1098765432109876543}', true],
  ['-1098765432109876543', true],
  ['[1,1e400]', true],
])('whether %s is read number by number: %s', (text, isSlow) => {
  expect(mayLosePrecision(text)).toBe(isSlow)
})

test('JSON for other readers has long numbers as texts', () => {
  expect(withExactNumbers('{"id": 1098765432109876543, "n": [1.5]}')).toBe('{"id":"1098765432109876543","n":[1.5]}')
  for (const text of ['{"id":  1}', '{"torn": 1098765432109876543', 'text, 1098765432109876543'])
    expect(withExactNumbers(text)).toBe(text)
})

test('a number of a megabyte costs one look at each digit', () => {
  const zeros = '0'.repeat(2 ** 20)
  const before = process.cpuUsage()
  expect(parseExact(`[1.${zeros}1e20, 1${zeros}, 1.${zeros}e20]`)).toEqual([`1.${zeros}1e20`, `1${zeros}`, 1e20])
  // a second look at each zero would be 10^12 of them
  expect(process.cpuUsage(before).user).toBeLessThan(5_000_000)
})
