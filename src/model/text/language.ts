import { FOREIGN_WORDS, isEnglish, STOP_WORDS } from './english.ts'
import { SMALL_WORDS } from './small-words.ts'

type Words = ReadonlySet<string>

const LANGUAGES: readonly Words[] = Object.values(SMALL_WORDS).map((words) => new Set(words.split(' ')))
/** Frequent words of yet other languages. */
const OTHERS: Words = new Set([...FOREIGN_WORDS].filter((word) => !LANGUAGES.some((own) => own.has(word))))
/** So many more small words than English ones tell the language of a question that reads as English. */
const CLEAR = 2
/** Words with a capital within a sentence are names: `Jared Allen`, `l'AI`. `Sie` and `Ihr` are polite German. */
const NAMES = /(?<=[\p{Ll}\p{N},]\s|\p{L}['’])(?!Sie\b|Ihr)\p{Lu}[\p{L}\p{M}]*/gu

/**
 * Whether a question can do without a word, by its own language: the one with most of the lower-case `words` of the
 * question. Languages with as many share their words. Undefined: the question is English, in which `die` is a word.
 */
export function smallWordsOf(question: string, words: readonly string[]): ((word: string) => boolean) | undefined {
  const names = new Set(question.match(NAMES)?.map((name) => name.toLowerCase()))
  const asked = [...new Set(words)].filter((word) => word.length > 1 && !names.has(word))
  const count = (list: Words) => asked.filter((word) => list.has(word)).length
  const counts = LANGUAGES.map(count)
  const most = Math.max(...counts)
  if (isEnglish(question) && most < count(STOP_WORDS) + CLEAR) return undefined
  const own = most > count(OTHERS) ? LANGUAGES.filter((_, at) => counts[at] === most) : [FOREIGN_WORDS]
  return (word) => !names.has(word) && own.every((list) => list.has(word))
}
