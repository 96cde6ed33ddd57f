import { expect, test } from 'vitest'
import { summarise } from '../../../src/chain/context/project.ts'
import { fc } from '../../property.ts'

const LETTER = [
  'The harbour of Elmouth was built in 1802.',
  'It rained.',
  'Ships leave the harbour of Elmouth for the islands each morning at noon.',
  'My aunt is well.',
  'In winter the harbour of Elmouth is closed.',
].join(' ')

test('a summary consists of the most typical sentences of the text, in their order', () => {
  expect(summarise(LETTER, 95)).toBe(
    'The harbour of Elmouth was built in 1802. […] In winter the harbour of Elmouth is closed.',
  )
})

test('a short text stays as it is; a text without a sentence that fits is cut to its beginning', () => {
  expect(summarise(LETTER, LETTER.length)).toBe(LETTER)
  const cut = summarise('word '.repeat(500), 100)
  expect(cut).toBe('word '.repeat(20))
})

test('never longer than said, and the same each time', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 600 }), fc.integer({ min: 40, max: 300 }), (text, size) => {
      const summary = summarise(text, size)
      expect(summary.length).toBeLessThanOrEqual(Math.max(size, 0))
      expect(summarise(text, size)).toBe(summary)
    }),
  )
})
