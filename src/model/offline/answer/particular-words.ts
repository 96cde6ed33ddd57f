import { isEnglish } from '../../text/english.ts'
import { termsOf } from '../../text/terms.ts'

/**
 * Words of a question that name one particular thing: names, acronyms, identifiers, quoted words and numbers. A text
 * without such a word is about something else, whatever else it shares with the question.
 */
const WORD = /\d{1,2}(?::\d{2}){1,2}(?![\d:])|[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}_.'’+/-]*[\p{L}\p{N}\p{M}])?/gu
const QUOTED = /[`"“”«»]([^`"“”«»\n]{1,60})[`"“”«»]/g
/** Two or more capitals, or a capital, a digit or a sign inside a word. */
const FORM = /^(?=.*\p{L})(?:\p{Lu}[\p{Lu}\p{N}]+s?$|.*\p{Ll}\p{Lu}|.*[\p{L}]\p{N}|.*\p{N}\p{L}|.*\p{L}[_/.]\p{L})/u
const CAPITAL = /^\p{Lu}\p{Ll}/u
/** A number below ten is often spelled. A year seldom stands in the answer's sentence, but it does in its text. */
const NUMBER = /^\d{2,}(?:[.,]\d+)*$/
const TIME = /^\d{1,2}:\d{2}/
/** Titles and ordinary words with a capital. */
const ORDINARY =
  /^(?:mr|mrs|ms|dr|prof|sir|st|english|internet|january|february|march|april|may|june|july|august|september|october|november|december|(?:mon|tues|wednes|thurs|fri|satur|sun)day)$/i
/** Where half of the words have a capital, a capital says nothing. */
const MAX_CAPITALS = 0.5

/** The particular words of a question that stand nowhere in these texts. */
export function missingWords(question: string, texts: Iterable<string>): readonly string[] {
  const words = particularWords(question)
  if (words.length === 0) return []
  const held = new Set<string>()
  const all = [...texts]
  for (const text of all) for (const term of termsOf(text)) held.add(term)
  return words.filter((word) => (TIME.test(word) ? !all.some((text) => text.includes(word)) : !isHeld(word, held)))
}

/** The particular words of a question, as written. */
export function particularWords(question: string): readonly string[] {
  const quoted = [...question.matchAll(QUOTED)].flatMap(([, words = '']) => words.match(WORD) ?? [])
  const words = question.match(WORD) ?? []
  const inner = words.slice(1)
  const capitals = inner.filter((word) => CAPITAL.test(word))
  const areNames = isEnglish(question) && capitals.length <= Math.max(2, inner.length * MAX_CAPITALS)
  const names = areNames ? capitals : []
  const found = [
    ...quoted,
    ...words.filter((word) => FORM.test(word) || NUMBER.test(word) || TIME.test(word)),
    ...names,
  ]
  return [...new Set(found.map((word) => word.replace(/['’]s?$/, '')))].filter(
    (word) => !ORDINARY.test(word) && termsOf(word).length > 0,
  )
}

const IDENTIFIER = /_|\p{Ll}\p{Lu}/u

/** A longer or shorter form of a name is the same name: `Postgres` and `PostgreSQL`. */
function isHeld(word: string, held: ReadonlySet<string>): boolean {
  const terms = termsOf(word)
  const [stem = '', ...parts] = terms
  // a part of an identifier is not its name: `CACHE_SIZE` is not `CACHE_AGE`
  if (IDENTIFIER.test(word) && parts.length > 0) return held.has(stem) || parts.every((part) => held.has(part))
  if (terms.some((term) => held.has(term))) return true
  if (stem.length < 4 || /^\d/.test(stem)) return false
  for (const term of held) if (term.length >= 4 && (term.startsWith(stem) || stem.startsWith(term))) return true
  return false
}
