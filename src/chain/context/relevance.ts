import { queryTerms, termsOf } from '../../model/text/terms.ts'

type QuestionTerms = { readonly terms: readonly string[]; readonly initials: ReadonlySet<string> }
/** The words of a text and each run of consecutive words, to find quotes. */
type TextWords = { readonly words: ReadonlySet<string>; readonly runs: ReadonlySet<string> }
/** The basis of relevance: the questions and drafts so far. `age` is in asks. */
export type RelevanceBasis = {
  readonly asked: readonly QuestionTerms[]
  readonly written: readonly TextWords[]
  readonly age: number
}

/** After this many asks a text matters half as much. */
const HALF_LIFE_ASKS = 10
/** A run of this many identical words is a quote. */
const MIN_QUOTE_WORDS = 5

/** How relevant an earlier text is, 0..1: 1 if a draft quotes it, else its share of the question's terms. */
export function relevanceOf(text: string, { asked, written, age }: RelevanceBasis): number {
  const words = wordsOf(text)
  const nearness = written.some((draft) => isQuoted(words, draft)) ? 1 : nearest(new Set(words), asked)
  return Math.round(nearness * 0.5 ** (age / HALF_LIFE_ASKS) * 100) / 100
}

/** The share of the question's terms that the text contains, 0..1. */
export const termCoverage = (text: string, asked: QuestionTerms): number => nearest(new Set(wordsOf(text)), [asked])

export function questionTermsOf(question: string): QuestionTerms {
  const terms = queryTerms(question)
  return { terms, initials: new Set(terms.map(([initial = '']) => initial)) }
}

export function textWordsOf(text: string): TextWords {
  const words = wordsOf(text)
  return { words: new Set(words), runs: new Set(words.slice(MIN_QUOTE_WORDS - 1).map((_, at) => runAt(words, at))) }
}

const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

const runAt = (words: readonly string[], at: number) => words.slice(at, at + MIN_QUOTE_WORDS).join(' ')

/** Runs are built only where their ends may be part of a quote: a long text has thousands. */
function isQuoted(words: readonly string[], written: TextWords): boolean {
  const mayBe = (word: string | undefined) => word !== undefined && written.words.has(word)
  return words.some(
    (word, at) => mayBe(word) && mayBe(words[at + MIN_QUOTE_WORDS - 1]) && written.runs.has(runAt(words, at)),
  )
}

function nearest(words: ReadonlySet<string>, asked: readonly QuestionTerms[]): number {
  return Math.max(0, ...asked.map((question) => shareIn(words, question)))
}

/** Only words that begin like a term are stemmed, because stemming takes time. */
function shareIn(words: ReadonlySet<string>, { terms, initials }: QuestionTerms): number {
  const held = new Set([...words].filter(([initial = '']) => initials.has(initial)).flatMap(termsOf))
  return terms.length === 0 ? 0 : terms.filter((term) => held.has(term)).length / terms.length
}
