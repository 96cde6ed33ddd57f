import { type Named, namesIn } from './names.ts'
import { shinglesOf } from './shingles.ts'
import { type Candidate, containers, shortlist } from './shortlist.ts'
import { type Standard, standardTexts } from './standard.ts'
import { ALIKE, fitAll, fitBest } from './windows.ts'
import { type Words, wordsOf } from './words.ts'

/**
 * A licence in a text, from `line` (from 1) on. `by`: its whole text, an excerpt of it (such as the Apache notice) or only its
 * name. `licence` null: no standard text is alike, `nearest` is the closest. `score`: 0 to 1, how alike; of a name always 1.
 */
type Recognised = {
  readonly line: number
  readonly licence: string | null
  /** other ids with the same text */
  readonly also: readonly string[]
  readonly by: 'text' | 'excerpt' | 'name' | 'none'
  readonly score: number
  readonly nearest: string | null
}

/** The licences in a text, in order, the number of its words, and how many of them lie in none of the licences. */
export type Recognition = { readonly found: readonly Recognised[]; readonly words: number; readonly outside: number }

const SHORTEST_EXCERPT = 25
const MOSTLY = 0.5

/** Which standard licences a text holds, by comparing words; the same for the same text. */
export function recognise(text: string): Recognition {
  const read = wordsOf(text)
  if (read.words.length === 0) return { found: [], words: 0, outside: 0 }
  const exact = standardTexts().get(read.words.join(' '))
  if (exact) return { found: [known(exact, 'text', read.lines[0]!, 1)], words: read.words.length, outside: 0 }
  return recogniseAlike(text, read)
}

function recogniseAlike(text: string, read: Words): Recognition {
  const shingles = shinglesOf(read.words)
  const words = read.words.length
  const windows = fitAll(shingles, shortlist(shingles))
  if (windows.length === 0) return { found: recognisePart(text, read, shingles), words, outside: words }
  const runs = words - shingles.length
  const inside = windows.reduce((sum, { from, to }) => sum + to - from + runs, 0)
  return {
    found: windows.map(({ candidate, from, score }) => known(candidate.standard, 'text', read.lines[from]!, score)),
    words,
    outside: Math.max(words - inside, 0),
  }
}

function recognisePart(text: string, read: Words, shingles: Uint32Array): readonly Recognised[] {
  const line = read.lines[0]!
  const names = namesIn(text)
  const { candidates, share } = containers(shingles)
  const quotes = read.words.length >= SHORTEST_EXCERPT ? share : 0
  if (quotes >= ALIKE) return [known(preferNamed(candidates, names), 'excerpt', line, share)]
  const nearest = fitBest(shingles, quotes >= MOSTLY ? candidates : shortlist(shingles))
  // A changed text under a known title is not that licence.
  if (nearest === null && names.length > 0) return names.map(named)
  const score = round(nearest?.score ?? 0)
  return [{ line, licence: null, also: [], by: 'none', score, nearest: nearest?.candidate.standard.ids[0] ?? null }]
}

// Licences quote one another's notices: the one that the excerpt names is meant.
function preferNamed(candidates: readonly Candidate[], names: readonly Named[]): Standard {
  const standards = candidates.map(({ standard }) => standard)
  return standards.find(({ ids }) => names.some(({ id }) => ids.includes(id))) ?? standards[0]!
}

function known(standard: Standard, by: 'text' | 'excerpt', line: number, score: number): Recognised {
  const [licence, ...also] = standard.ids
  return { line, licence: licence!, also, by, score: round(score), nearest: null }
}

function named({ id, line }: { readonly id: string; readonly line: number }): Recognised {
  return { line, licence: id, also: [], by: 'name', score: 1, nearest: null }
}

const round = (score: number) => Math.round(score * 1000) / 1000
