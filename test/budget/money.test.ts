import { expect, test } from 'vitest'
import { amountOf, formatDollars, readDollars } from '../../src/budget/money.ts'
import { readScope } from '../../src/budget/scope.ts'

test.each([
  ['2.00', 2_000_000],
  ['$0.05', 50_000],
  [0, 0],
  [' 10 ', 10_000_000],
  ['0.000001', 1],
])('%j is %i millionths', (text, amount) => {
  expect(readDollars(text)).toBe(amount)
})

test.each(['', '-1', '1e3', '2,00', 'two', '2.0.0', '99999999999', Number.NaN])('%j is not an amount', (text) => {
  expect(() => readDollars(text)).toThrow(/is not an amount of dollars/)
})

test.each([
  [2_000_000, '$2.00'],
  [0, '$0.00'],
  [1, '$0.000001'],
  [1_230_000, '$1.23'],
  [1_234_500, '$1.2345'],
  [-50_000, '-$0.05'],
])('%i is shown as %s', (amount, text) => {
  expect(formatDollars(amount)).toBe(text)
})

test.each([
  [0, 0],
  [0.1 + 0.2, 300_000],
  [0.0000001, 1],
  [1.0000004, 1_000_001],
])('%d dollars are %i millionths: a part of one counts as one', (dollars, amount) => {
  expect(amountOf(dollars)).toBe(amount)
})

test('a scope names what it is for', () => {
  expect(readScope('run/run_1')).toEqual({ kind: 'run', name: 'run_1' })
  expect(readScope('owner-day/a/b')).toEqual({ kind: 'owner-day', name: 'a/b' })
  for (const wrong of ['run', 'run/', '/x', 'runs/x', '']) expect(() => readScope(wrong)).toThrow(/not a budget scope/)
})
