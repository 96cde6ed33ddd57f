import { FOREIGN, STOP_WORDS } from './stop-words.ts'

/** What has one letter may be of any language. */
const WORD = /\p{L}[\p{L}\p{M}]+/gu

/** Whether a text reads as English, by its small words and its letters; what has too few of both, such as a table, does. */
export function isEnglish(text: string): boolean {
  const words = text.match(WORD) ?? []
  const english = words.filter((word) => STOP_WORDS.has(word.toLowerCase())).length
  const foreign = words.filter((word) => FOREIGN.has(word.toLowerCase()) || isForeign(word)).length
  return english >= foreign
}

/** A name keeps the accents that it has at home. */
function isForeign(word: string): boolean {
  return /[^\p{sc=Latin}\p{M}]/u.test(word) || (/[^A-Za-z]/.test(word) && !/^\p{Lu}/u.test(word))
}
