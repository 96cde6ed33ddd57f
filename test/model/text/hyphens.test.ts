import { expect, test } from 'vitest'
import { joinLineEnds } from '../../../src/model/text/hyphens.ts'
import { splitPassages } from '../../../src/model/text/passages.ts'
import { termsOf } from '../../../src/model/text/terms.ts'

test.each([
  ['Repay-\nment is due.', 'Repayment is due.'],
  ['a well-\nknown tenant', 'a well-known tenant'],
  ['a short-\nage of rope', 'a shortage of rope'],
  ['Haus-\nund Hofmeister', 'Haus-\nund Hofmeister'],
  ['in Baden-\nWürttemberg', 'in Baden-Württemberg'],
  ['the Schiff-\r\n  fahrt', 'the Schifffahrt'],
  ['> the har-\n> bour', '> the harbour'],
  ['a boat-house; the boat-\nhouse', 'a boat-house; the boat-house'],
  ['no harbour; the har-\nbour', 'no harbour; the harbour'],
  ['- one\n- two', '- one\n- two'],
  ['the har\u2010\nbour', 'the harbour'],
  ['a well\u2010\nknown tenant', 'a well-known tenant'],
  ['the har\u00ad\n  bour', 'the harbour'],
  ['a well\u00ad\nknown tenant', 'a wellknown tenant'],
  ['use -\nor nothing', 'use -\nor nothing'],
  ['2025-\n2026', '2025-\n2026'],
])('%j is read as %j', (text, joined) => {
  expect(joinLineEnds(text)).toBe(joined)
})

test('a text and its terms are read with the words joined, and keep their lines', () => {
  const text = 'Repay-\nment of the loan is due.\nThe gate is open.'
  expect(splitPassages('a.txt', text).map((passage) => [passage.text, passage.line, passage.endLine])).toEqual([
    ['Repayment of the loan is due.', 1, 2],
    ['The gate is open.', 3, 3],
  ])
  for (const sign of ['-', '\u2010', '\u00ad']) expect(termsOf(`Repay${sign}\nment`)).toEqual(termsOf('repayment'))
  expect(splitPassages('a.ts', 'const a = b-\nc')[0]!.text).toBe('const a = b-\nc')
})

test('a long text without spaces is joined in time', () => {
  const text = `${'a'.repeat(500_000)}${'ab-\ncd '.repeat(20_000)}`
  expect(joinLineEnds(text).length).toBe(text.length - 40_000)
})
