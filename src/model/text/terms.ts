import { withoutHidden } from '../../lib/unseen.ts'
import { STOP_WORDS } from './english.ts'
import { foldWord } from './fold.ts'
import { joinLineEnds } from './hyphens.ts'
import { smallWordsOf } from './language.ts'
import { stem } from './stem.ts'

/** Vowel signs and accents that some scripts write as separate characters are part of a word. An emoji is a word. */
const TOKEN = /[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}_.'’+-]*[\p{L}\p{N}\p{M}])?|(?![©®™])\p{Extended_Pictographic}/gu
/** A word with its article or its particle, in scripts that write them together: `والكتاب`, `הספר`, `서울에서`. */
const JOINED: readonly RegExp[] = [
  /^[وفبك]?(?:ال|لل)(\p{sc=Arabic}{2,40})$/u,
  /^[ובלמ]?ה(\p{sc=Hebrew}{3,40})$/u,
  /^(\p{sc=Hangul}{1,20}?)(?:에서는?|으로|에게|까지|부터|에는)$/u,
  /^(\p{sc=Hangul}{2,20})[은는이가을를에의로와과도만]$/u,
]
/** Scripts without spaces between words. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u
const segmenter = new Intl.Segmenter('en', { granularity: 'word' })

/** Phrases of questions that answers do not contain: `how many`, `what happens`, `do I need to`. They cut no token. */
const QUESTION_PHRASES =
  /\b(?<![\p{L}\p{N}\p{M}][_.'’+-]*)(?:how (?:many|much|long|often)|what (?:happens|becomes)|(?:i|you|we|one) (?:get|need|want))(?![_.'’+-]*[\p{L}\p{N}\p{M}])/giu

/** The stemmed meaningful words of a text; `readFile` counts as itself, as `read` and as `file`. */
export const termsOf = (text: string): string[] => wordsOf(text).flatMap(termsOfWord)

/** Texts repeat their words, so the terms of the words that came last are remembered. */
const known = new Map<string, readonly string[]>()
const MAX_KNOWN = { words: 20_000, characters: 32 } as const

function termsOfWord(word: string): readonly string[] {
  const found = known.get(word)
  if (found) return found
  const terms = spellings(word).flatMap(termsOfToken)
  if (word.length > MAX_KNOWN.characters) return terms
  if (known.size >= MAX_KNOWN.words) known.clear()
  known.set(word, terms)
  return terms
}

const termsOfToken = (token: string): readonly string[] => (STOP_WORDS.has(token) ? [] : [stemOf(token)])

/** The stem of a lower-case word, folded, so that its spellings and its forms compare equal. */
export const stemOf = (word: string): string => stem(foldWord(word))

/** The distinct terms of a question without question phrases; one of nothing else keeps them, or its stop words. */
export function queryTerms(question: string): readonly string[] {
  const asked = wordsOf(withoutHidden(question).replace(QUESTION_PHRASES, ' '))
  const isSmall = smallWordsOf(question, asked.flatMap(spellings))
  const terms = [...new Set(asked.flatMap(isSmall ? (word) => termsWithout(word, isSmall) : termsOfWord))]
  if (terms.length > 0) return terms
  const phrased = [...new Set(termsOf(question))]
  return phrased.length > 0 ? phrased : [...new Set(tokensOf(question).map(stemOf))]
}

/** Whether a question is in another language than English. */
export const isForeign = (question: string): boolean => smallWordsOf(question, tokensOf(question)) !== undefined

const ASKS_HOME = /\bwhere\b.{0,200}\b(?:live|lives|home|stay|stays|based)\b/i
const MOVED = ['move', 'relocate'].map((word) => stemOf(word))

/** Terms of statements that make an older one untrue without a word of the question: a move, for where one lives. */
export const newerTerms = (question: string): readonly string[] => (ASKS_HOME.test(question) ? MOVED : [])

/** A letter that stands alone is a name, such as that of a vitamin. */
const ALONE = /^[b-df-hj-np-tv-xz]$/

/** The terms of a word without small words. `DE8937` and `vice-de-x` stay whole, and `l'eau` is `eau`. */
function termsWithout(word: string, isSmall: (token: string) => boolean): readonly string[] {
  const tokens = spellings(word)
  const whole = tokens.length > 1 ? word.toLowerCase() : undefined
  const others = tokens.filter((token) => !isSmall(token.normalize()) || (!whole && ALONE.test(token)))
  const pieces = others.filter((token) => token !== whole)
  const isElided = others.length < tokens.length && /['’]/.test(word)
  return pieces.length === 0 ? [] : (isElided ? pieces : others).flatMap(termsOfToken)
}

/** A name as words: `lastUsed_at` is `last used at`. */
export function nameToWords(name: string): string {
  return splitCase(name)
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .filter(Boolean)
    .join(' ')
    .toLowerCase()
}

const tokensOf = (text: string): string[] => wordsOf(text).flatMap(spellings)

const wordsOf = (text: string): readonly string[] => withoutHidden(joinLineEnds(text)).match(TOKEN) ?? []

function spellings(token: string): string[] {
  if (UNSPACED.test(token)) return wordsWithin(token)
  const whole = token.toLowerCase()
  const pieces = nameToWords(token).split(' ')
  if (pieces.length > 1) return [whole, ...pieces]
  const bare = JOINED.map((form) => form.exec(whole)?.[1]).find((word) => word !== undefined)
  return bare === undefined ? [whole] : [whole, bare]
}

function wordsWithin(token: string): string[] {
  const words = [...segmenter.segment(token)].filter(({ isWordLike }) => isWordLike).map(({ segment }) => segment)
  return (words.length > 0 ? words : [token]).map((word) => word.toLowerCase())
}

const splitCase = (name: string): string => name.replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
