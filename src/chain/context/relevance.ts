import { queryTerms, termsOf } from '../../model/words.ts'

/** What a text is held against: what is asked now, and what was written on it so far; `age` in asks. */
export type Occasion = { readonly intents: readonly string[]; readonly drafts: readonly string[]; readonly age: number }

/** After so many asks a text matters half as much. */
const HALF_LIFE = 10
/** So many words in a row are no coincidence. */
const QUOTED = 5

/** How much an earlier text matters now, 0..1: one that a draft quotes is as near as can be, else it is the part of the question that it speaks of. */
export function relevanceOf(text: string, { intents, drafts, age }: Occasion): number {
  const nearness = drafts.some((draft) => quotes(draft, text)) ? 1 : nearnessOf(text, intents)
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

function quotes(draft: string, text: string): boolean {
  const runs = runsOf(text)
  return [...runsOf(draft)].some((run) => runs.has(run))
}

function runsOf(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return new Set(words.slice(QUOTED - 1).map((_, at) => words.slice(at, at + QUOTED).join(' ')))
}

const rounded = (value: number) => Math.round(value * 100) / 100
