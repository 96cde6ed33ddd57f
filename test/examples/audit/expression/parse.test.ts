import { expect, test } from 'vitest'
import { idsIn, parseExpression } from '../../../../examples/audit/expression/parse.ts'

const licence = (id: string, exception: string | null = null) => ({ type: 'licence', id, exception })

test('AND binds tighter than OR, parentheses tighter than both', () => {
  expect(parseExpression('A OR B AND C')).toEqual({
    type: 'or',
    parts: [licence('A'), { type: 'and', parts: [licence('B'), licence('C')] }],
  })
  expect(parseExpression('(A or B) and C')).toEqual({
    type: 'and',
    parts: [{ type: 'or', parts: [licence('A'), licence('B')] }, licence('C')],
  })
})

test('WITH belongs to the licence before it', () => {
  expect(parseExpression('GPL-2.0-only WITH Classpath-exception-2.0 OR MIT')).toEqual({
    type: 'or',
    parts: [licence('GPL-2.0-only', 'Classpath-exception-2.0'), licence('MIT')],
  })
})

test.each(['', 'MIT OR', 'AND MIT', '(MIT', 'MIT)', 'MIT ISC', 'MIT/X11', '()', 'A WITH', 'WITH'])(
  '%j is no expression',
  (text) => {
    expect(parseExpression(text)).toBeNull()
  },
)

test('an expression that is nested too deep or too long is invalid', () => {
  expect(parseExpression(`${'('.repeat(40)}MIT${')'.repeat(40)}`)).toEqual(licence('MIT'))
  expect(parseExpression(`${'('.repeat(100_000)}MIT${')'.repeat(100_000)}`)).toBeNull()
  expect(parseExpression(Array.from({ length: 1000 }, () => 'MIT').join(' OR '))).toBeNull()
})

test('lists its ids in order', () => {
  expect(idsIn(parseExpression('(MIT OR CC0-1.0) AND ISC')!)).toEqual(['MIT', 'CC0-1.0', 'ISC'])
})
