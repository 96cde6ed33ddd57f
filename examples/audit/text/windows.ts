import { type Match, matchRuns, readText, type Text } from './matches.ts'
import type { Candidate } from './shortlist.ts'

/** Where in a text a candidate fits: the runs `from` to `to` (exclusive), how alike they are (Dice, 0 to 1), and `gain`: runs that fit less runs that do not. */
export type Window = {
  readonly candidate: Candidate
  readonly from: number
  readonly to: number
  readonly score: number
  readonly gain: number
}

export const ALIKE = 0.9
const MOST = 500

/** The standard texts that lie in a text, in order; where several fit, the one that explains most of it. */
export function fitAll(shingles: Uint32Array, candidates: readonly Candidate[]): readonly Window[] {
  const text = readText(shingles)
  const finders = candidates.flatMap((candidate) => {
    const match = matchRuns(text.runs, candidate.runs)
    return mayBeAlike(match, candidate) ? [createFinder(text, match, candidate)] : []
  })
  const taken = new Uint8Array(shingles.length)
  const found: Window[] = []
  while (found.length < MOST) {
    const best = finders.map((find) => find(taken)).reduce((one, other) => better(one, alike(other)), null)
    if (best === null) break
    taken.fill(1, best.from, best.to)
    found.push(best)
  }
  return found.sort((one, other) => one.from - other.from)
}

/** The best fit of all, alike enough or not. */
export function fitBest(shingles: Uint32Array, candidates: readonly Candidate[]): Window | null {
  const text = readText(shingles)
  const taken = new Uint8Array(shingles.length)
  return candidates
    .map((candidate) => createFinder(text, matchRuns(text.runs, candidate.runs), candidate)(taken))
    .reduce((one, other) => ((other?.score ?? 0) > (one?.score ?? 0) ? other : one), null)
}

// A window is at least as long as its hits are many.
const mayBeAlike = ({ hits }: Match, { length }: Candidate) => (2 * hits) / (hits + length) >= ALIKE

type Finder = (taken: Uint8Array) => Window | null

/** Finds a candidate's best window among what is not taken; remembers it until some of it is. */
function createFinder({ order }: Text, { indexes }: Match, candidate: Candidate): Finder {
  const places = order.map((run) => indexes[run]!)
  let known: Window | null | undefined
  return (taken) => {
    if (known === undefined || (known && taken.subarray(known.from, known.to).includes(1))) {
      known = bestWindow(places, taken, candidate)
    }
    return known
  }
}

function bestWindow(places: Int32Array, taken: Uint8Array, candidate: Candidate): Window | null {
  let best: Window | null = null
  for (let from = 0; from < places.length; ) {
    let to = from
    while (to < places.length && !taken[to]) to++
    if (to > from) best = better(best, bestWithin(places, from, to, candidate))
    from = to + 1
  }
  return best
}

/** The window as long as the candidate with most hits between two places, cut to its first and last hit. */
function bestWithin(places: Int32Array, from: number, to: number, candidate: Candidate): Window | null {
  const length = Math.min(candidate.length, to - from)
  const { most, end } = slide(places, from, to, candidate)
  if (most === 0) return null
  let start = Math.max(end - length, from)
  while (places[start]! < 0) start++
  const size = end - start
  const score = Math.min((2 * most) / (size + candidate.length), 1)
  return { candidate, from: start, to: end, score, gain: 3 * most - size - candidate.length }
}

/** Moves a window over the places: the most hits in one, and where that ends. A run counts as often as the candidate has it. */
function slide(places: Int32Array, from: number, to: number, candidate: Candidate) {
  const { counts } = candidate.runs
  const seen = new Uint32Array(counts.length)
  let hits = 0
  let most = 0
  let end = from
  for (let at = from; at < to; at++) {
    const leaving = at >= from + candidate.length ? places[at - candidate.length]! : -1
    if (leaving >= 0 && seen[leaving]!-- <= counts[leaving]!) hits--
    const entering = places[at]!
    if (entering >= 0 && seen[entering]!++ < counts[entering]!) hits++
    if (hits > most) {
      most = hits
      end = at + 1
    }
  }
  return { most, end }
}

function alike(window: Window | null): Window | null {
  return window !== null && window.score >= ALIKE ? window : null
}

function better(one: Window | null, other: Window | null): Window | null {
  if (one === null || other === null) return one ?? other
  return other.gain > one.gain ? other : one
}
