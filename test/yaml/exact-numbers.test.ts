import { expect, test } from 'vitest'
import { readJson } from '../../src/yaml/exact-numbers.ts'

test.each([
  ['{"id": 1098765432109876543, "n": 1.5}', { id: '1098765432109876543', n: 1.5 }],
  ['[[-9007199254740993], 9007199254740991]', [['-9007199254740993'], 9007199254740991]],
  ['{"a": 1e400}', { a: '1e400' }],
  ['{"a": 1e200, "b": 12345678901234567.5}', { a: 1e200, b: 12345678901234568 }],
  ['"1098765432109876543"', '1098765432109876543'],
])('of %s no number loses digits', (text, value) => {
  expect(readJson(text)).toEqual(value)
})

test('what is no JSON is refused', () => {
  expect(() => readJson('[1098765432109876543')).toThrow(SyntaxError)
})
