import { FOREIGN_WORDS, isEnglish, STOP_WORDS } from './english.ts'
import { stem } from './stem.ts'

/** Vowel signs and accents that some scripts write as separate characters are part of a word. */
const TOKEN = /[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}_.'’+-]*[\p{L}\p{N}\p{M}])?/gu
/** Scripts without spaces between words. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u
const segmenter = new Intl.Segmenter('en', { granularity: 'word' })

/** Phrases of questions that answers do not contain: `how many`, `what happens`, `do I need to`. */
const QUESTION_PHRASES =
  /\bhow (?:many|much|long|often)\b|\bwhat (?:happens|becomes)\b|\b(?:i|you|we|one) (?:get|need|want)\b/gi

/** The stemmed meaningful words of a text; `readFile` counts as itself, as `read` and as `file`. */
export function termsOf(text: string): string[] {
  return wordsOf(text).flatMap(termsOfWord)
}

/** `termsOf` for many texts: each word is taken apart once. */
export function termReader(): typeof termsOf {
  const known = new Map<string, readonly string[]>()
  const termsOfKnown = (word: string): readonly string[] => {
    const terms = known.get(word) ?? termsOfWord(word)
    known.set(word, terms)
    return terms
  }
  return (text) => wordsOf(text).flatMap(termsOfKnown)
}

const termsOfWord = (word: string): readonly string[] =>
  spellings(word)
    .filter((token) => !STOP_WORDS.has(token))
    .map(stem)

/**
 * The distinct terms of a question without question phrases; a question
 * that consists of nothing else keeps them, or its stop words.
 */
export function queryTerms(question: string): readonly string[] {
  const terms = [...new Set(termsOf(withoutSmallWords(question.replace(QUESTION_PHRASES, ' '))))]
  if (terms.length > 0) return terms
  const phrased = [...new Set(termsOf(question))]
  return phrased.length > 0 ? phrased : [...new Set(tokensOf(question).map(stem))]
}

/** Stop words of other languages are ordinary words in English. */
function withoutSmallWords(question: string): string {
  return isEnglish(question)
    ? question
    : question.replace(/[\p{L}\p{M}]+/gu, (word) => (FOREIGN_WORDS.has(word.toLowerCase()) ? ' ' : word))
}

/** A name as words: `lastUsed_at` is `last used at`. */
export function nameToWords(name: string): string {
  return splitCase(name)
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .filter(Boolean)
    .join(' ')
    .toLowerCase()
}

function tokensOf(text: string): string[] {
  return wordsOf(text).flatMap(spellings)
}

const wordsOf = (text: string): readonly string[] => text.normalize().match(TOKEN) ?? []

function spellings(token: string): string[] {
  if (UNSPACED.test(token)) return wordsWithin(token)
  const whole = token.toLowerCase()
  const pieces = nameToWords(token).split(' ')
  return pieces.length > 1 ? [whole, ...pieces] : [whole]
}

function wordsWithin(token: string): string[] {
  return [...segmenter.segment(token)].flatMap(({ segment, isWordLike }) => (isWordLike ? segment.toLowerCase() : []))
}

function splitCase(name: string): string {
  return name.replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
}
