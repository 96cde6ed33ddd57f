import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { SMALL_WORDS_FILE, smallWordsText } from '../../../build/small-words.ts'
import { SMALL_WORDS } from '../../../src/model/text/small-words.ts'

it('the small words are those that `node build/small-words.ts` writes, in at most 8 KB', () => {
  const text = readFileSync(SMALL_WORDS_FILE, 'utf8')
  expect(text).toBe(smallWordsText())
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(8 * 1024)
})

it.each([
  ['de', 'hoch jahr jahre tag uhr zeit mann mensch gott teil weg erste drei gut groß neu'],
  ['fr', 'été avions sommes jour homme point car nouveau'],
  ['it', 'sei faccia fosse stato stati tempo fare'],
  ['nl', 'wezen jaar dag man weg goed nieuw'],
  ['es', 'día días año años horas país cosas este bajo trabajo nuevo'],
] as const)('the small words of %s are none of content: %s', (language, content) => {
  const words = SMALL_WORDS[language].split(' ')
  expect(content.split(' ').filter((word) => words.includes(word))).toEqual([])
})
