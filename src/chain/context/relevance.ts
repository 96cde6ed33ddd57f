import { queryTerms, termsOf } from '../../model/words.ts'

/** What a text is held against: what is asked now, and the runs of words in what was written on it so far; `age` in asks. */
export type Occasion = { readonly intents: readonly string[]; readonly written: Runs; readonly age: number }
export type Runs = ReadonlySet<string>

/** After so many asks a text matters half as much. */
const HALF_LIFE = 10
/** So many words in a row are no coincidence. */
const QUOTED = 5

/** How much an earlier text matters now, 0..1: one that a draft quotes is as near as can be, else it is the part of the question that it speaks of. */
export function relevanceOf(text: string, { intents, written, age }: Occasion): number {
  const nearness = isQuoted(text, written) ? 1 : nearnessOf(text, intents)
  return rounded(nearness * 0.5 ** (age / HALF_LIFE))
}

/** The largest part of one of the questions whose terms stand in the text, 0..1. */
export function nearnessOf(text: string, questions: readonly string[]): number {
  const terms = new Set(termsOf(text))
  return Math.max(0, ...questions.map((question) => shareIn(terms, queryTerms(question))))
}

function shareIn(terms: ReadonlySet<string>, asked: readonly string[]): number {
  return asked.length === 0 ? 0 : asked.filter((term) => terms.has(term)).length / asked.length
}

function isQuoted(text: string, written: Runs): boolean {
  return [...runsOf(text)].some((run) => written.has(run))
}

/** Each so many words of a text that follow each other. */
export function runsOf(text: string): Runs {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return new Set(words.slice(QUOTED - 1).map((_, at) => words.slice(at, at + QUOTED).join(' ')))
}

const rounded = (value: number) => Math.round(value * 100) / 100
