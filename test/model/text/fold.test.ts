import { expect, test } from 'vitest'
import { createRanker } from '../../../src/model/rank/ranker.ts'
import { plainText } from '../../../src/model/text/passages.ts'
import { queryTerms, termsOf } from '../../../src/model/text/terms.ts'

test.each([
  ['Straße', 'STRASSE'],
  ['Gärtner', 'Gaertner'],
  ['Gärtner', 'Ga\u0308rtner'],
  ['Öl', 'oel'],
  ['smörgåsbord', 'smoergaasbord'],
  ['Café', 'cafe'],
  ['ﬁle', 'file'],
  ['ｋｉｌｎ', 'kiln'],
  ['Łódź', 'lodz'],
  ['ёлка', 'елка'],
  ['ὁδός', 'οδος'],
  ['أحمد', 'احمد'],
  ['مَدْرَسَة', 'مدرسه'],
  ['کتاب', 'كتاب'],
  ['كتـــاب', 'كتاب'],
  ['ﻻ', 'لا'],
  ['٣٠', '30'],
  ['Repay\u00adment', 'repayment'],
  ['Re\u200bpay\u2060ment\ufeff', 'repayment'],
  ['می\u200cروم', 'میروم'],
])('%s and %s are the same word', (one, other) => {
  expect(termsOf(one)).toEqual(termsOf(other))
  expect(queryTerms(one)).toEqual(queryTerms(other))
})

test.each([
  ['schön', 'schon'],
  ['йод', 'иод'],
  ['हिन्दी', 'हन्द'],
  ['Größe', 'grosse'],
])('%s and %s are two words', (one, other) => {
  expect(termsOf(one)).not.toEqual(termsOf(other))
})

test('a question finds a passage in another spelling', async () => {
  const texts = [
    'Die Ma\u00adler\u00adin wohnt am Fluss.',
    'Der Künstler streicht das Bootshaus.',
    'Die Fähre hält in der Goethestraße.',
  ]
  const ranker = createRanker(texts.map((text, at) => ({ id: String(at), text })))
  const best = async (question: string) => (await ranker.rank(question, { limit: 1 }))[0]?.id
  expect(await best('Wo wohnt die Malerin?')).toBe('0')
  expect(await best('Was streicht der Kuenstler?')).toBe('1')
  expect(await best('GOETHESTRASSE')).toBe('2')
})

test('a passage reads without the marks where a word may be parted', () => {
  expect(plainText('The re\u00adpay\u200bment is due.', 'paragraph')).toBe('The repayment is due.')
})
