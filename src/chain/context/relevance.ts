import { queryTerms, termsOf } from '../../model/text/terms.ts'

/** A text as what it is held against: the terms of a question. */
export type Asked = { readonly terms: readonly string[]; readonly initials: ReadonlySet<string> }
/** A text as what may quote another: its words, and each few of them that follow each other. */
export type Written = { readonly words: ReadonlySet<string>; readonly runs: ReadonlySet<string> }
/** What a text is held against: what is asked now, and what was written on it so far; `age` in asks. */
export type Occasion = { readonly asked: readonly Asked[]; readonly written: readonly Written[]; readonly age: number }

/** After so many asks a text matters half as much. */
const HALF_LIFE = 10
/** So many words in a row are no coincidence. */
const QUOTED = 5

/** How much an earlier text matters now, 0..1: one that a draft quotes is as near as can be, else it is the part of the question that it speaks of. */
export function relevanceOf(text: string, { asked, written, age }: Occasion): number {
  const words = wordsOf(text)
  const nearness = written.some((draft) => isQuoted(words, draft)) ? 1 : nearest(new Set(words), asked)
  return rounded(nearness * 0.5 ** (age / HALF_LIFE))
}

/** The part of a question whose terms stand in the text, 0..1. */
export function nearnessOf(text: string, asked: Asked): number {
  return nearest(new Set(wordsOf(text)), [asked])
}

export function askedIn(question: string): Asked {
  const terms = queryTerms(question)
  return { terms, initials: new Set(terms.map(([initial = '']) => initial)) }
}

export function writtenIn(text: string): Written {
  const words = wordsOf(text)
  return { words: new Set(words), runs: new Set(words.slice(QUOTED - 1).map((_, at) => runAt(words, at))) }
}

const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

const runAt = (words: readonly string[], at: number) => words.slice(at, at + QUOTED).join(' ')

/** Runs are made only where their ends may be quoted: a long text has thousands. */
function isQuoted(words: readonly string[], written: Written): boolean {
  const mayBe = (word: string | undefined) => word !== undefined && written.words.has(word)
  return words.some((word, at) => mayBe(word) && mayBe(words[at + QUOTED - 1]) && written.runs.has(runAt(words, at)))
}

function nearest(words: ReadonlySet<string>, asked: readonly Asked[]): number {
  return Math.max(0, ...asked.map((question) => shareIn(words, question)))
}

/** Only words that begin as a term does are brought to their stems, which is what takes time. */
function shareIn(words: ReadonlySet<string>, { terms, initials }: Asked): number {
  const held = new Set([...words].filter(([initial = '']) => initials.has(initial)).flatMap(termsOf))
  return terms.length === 0 ? 0 : terms.filter((term) => held.has(term)).length / terms.length
}

const rounded = (value: number) => Math.round(value * 100) / 100
