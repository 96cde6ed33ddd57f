import type { Json } from '../../../kernel/schema.ts'
import { escapeRegExp } from '../../../model/text/strings.ts'
import { isBetweenWords } from './written.ts'

/** Whether a text has a phrase word for word, between word boundaries. Pure. */
export function hasPhrase(text: string, phrase: string): boolean {
  if (!/[\p{L}\p{N}]/u.test(phrase)) return false
  for (let at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + 1))
    if (isBetweenWords(text, at, at + phrase.length)) return true
  return false
}

/**
 * Whether a text names a value for a parameter. A short text, a common word, a number, a boolean or null appears
 * everywhere by chance. It needs the name of the parameter, as in `force: true`, or quotation marks. Pure.
 */
export function namesValue(text: string, parameter: string, value: Json): boolean {
  if (typeof value === 'object' && value !== null) return false
  const phrase = String(value)
  const isRemarkable =
    typeof value === 'string' && phrase.trim().length > 2 && !isCommonWord(phrase.trim().toLowerCase())
  if (isRemarkable) return hasPhrase(text, phrase)
  if (!/[\p{L}\p{N}]/u.test(phrase)) return false
  const exact = escapeRegExp(phrase)
  const name = escapeRegExp(parameter.split('.').at(-1)!)
  const isQuoted = typeof value === 'string' && new RegExp(`(["'\`])${exact}\\1|“${exact}”|«${exact}»`).test(text)
  const pair = `(?<![\\p{L}\\p{N}_])${name}["'\`]?\\s*(?:[:=]|is|to)\\s*["'\`]?${exact}(?![\\p{L}\\p{N}_]|[.,]\\d)`
  return isQuoted || new RegExp(pair, 'u').test(text)
}

/** Words without content of their own. Words that deny or count are not among them. */
const SMALL =
  'a an and are as at be been by for from has have i in into is it its of on onto or so that the their then there these this to too was were with you your'
const REPORTING =
  'added appended changed complete completed copied created deleted done edited finished made moved ok okay read ready removed renamed saved sent succeeded success successfully updated written wrote'

const WORDS = new Set(`${SMALL} ${REPORTING}`.split(' '))

/** Whether a lower-case word says nothing about the subject of a text. */
export const isCommonWord = (word: string): boolean => WORDS.has(word)
