import { expect, test } from 'vitest'
import { summarise } from '../../../src/chain/context/summary.ts'
import { fc } from '../../property.ts'

const LETTER = [
  'The harbour of Elmouth was built in 1802.',
  'It rained.',
  'Ships leave the harbour of Elmouth for the islands each morning at noon.',
  'My aunt is well.',
  'In winter the harbour of Elmouth is closed.',
].join(' ')

test('sentences of the text itself, those most like the whole of it, in their order', () => {
  expect(summarise(LETTER, 95)).toBe(
    'The harbour of Elmouth was built in 1802. […] In winter the harbour of Elmouth is closed.',
  )
})

test('a short text stays as it is; of one without a sentence that fits, the beginning', () => {
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
