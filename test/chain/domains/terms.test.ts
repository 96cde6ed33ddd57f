import { expect, test } from 'vitest'
import { indexTerms, inWordsOf, nameTerms, parseTerms, termsIn } from '../../../src/chain/domains/terms.ts'

const TERMS = [
  ['tenant', 'renter', 'lessee'],
  ['arrears', 'behind with the rent', 'overdue rent'],
  ['rent', 'lease payment'],
  ['myocardial infarction', 'heart attack', 'MI'],
]

test('a file of terms has a name and its synonyms in each line, with or without a heading', () => {
  const expected = [
    ['tenant', 'renter', 'the "lessee"'],
    ['myocardial infarction', 'heart attack'],
  ]
  const csv = '\uFEFFTerm,Synonyms\r\ntenant, renter ,"the ""lessee"""\r\n\r\nmyocardial infarction,,heart attack\r\n'
  expect(parseTerms(csv, 'terms.csv')).toEqual(expected)
  const tsv = 'tenant\trenter\tthe "lessee"\nmyocardial infarction\theart attack'
  expect(parseTerms(tsv, 'terms.tsv', { tsv: true })).toEqual(expected)
})

test.each([
  ['', 1, 'There is no term.'],
  ['term,synonyms\n', 1, 'There is no term.'],
  ['a,b\nalone', 2, 'got only "alone"'],
  ['a;b', 1, 'got only "a;b"'],
  ['a,b\n\nc,"d', 3, 'a quote that is never closed'],
  ['tenant,renter\nlandlord,Renters', 2, '"Renters" belongs to two terms.'],
  ['a,b\nc,--', 2, '"--" has no letter and no digit.'],
  [`a,${'b'.repeat(2001)}`, 1, 'has more than 2000 characters'],
])('%j is refused with its line and a hint', (text, line, message) => {
  expect(() => parseTerms(text, '/x/terms.csv')).toThrow(
    expect.objectContaining({
      name: 'InvalidError',
      message: expect.stringContaining(message),
      place: { file: '/x/terms.csv', line },
      hint: expect.any(String),
    }),
  )
})

test('a question mentions a term by any of its words, in any form; the longest phrase counts', () => {
  const index = indexTerms(TERMS)
  const found = (question: string) => termsIn(question, index).map(([name]) => name)
  expect(found('What if the Renters are behind with the rent?')).toEqual(['tenant', 'arrears'])
  expect(found('Are heart-attacks an MI?')).toEqual(['myocardial infarction'])
  expect(found("Who pays the lessee's rent?")).toEqual(['tenant', 'rent'])
  expect(found('Who has a heart?')).toEqual([])
  expect(termsIn('tenant', indexTerms([]))).toEqual([])
})

test('a ranker sees the name of a term in place of each of its words', () => {
  const named = nameTerms(TERMS.slice(0, 2))
  expect(named('If the lessee is behind with the rent, two renters pay.')).toBe(
    'If the tenant is arrears, two tenant pay.',
  )
  expect(named('The roof leaks.')).toBe('The roof leaks.')
})

test('a question takes the words of the texts only where they do not have its own', () => {
  const said = (texts: readonly string[]) => inWordsOf(texts, 'Who warns the renter?', TERMS)
  expect(said(['The roof.', 'The lessees are warned. The tenant pays.'])).toBe('Who warns the lessees?')
  expect(said(['The tenant and the renters are warned.'])).toBe('Who warns the renter?')
  expect(said(['The roof leaks.'])).toBe('Who warns the renter?')
})
