import { once } from '../once.ts'
import { type Counted, count, indexIn, shinglesOf } from './shingles.ts'
import { type Standard, standardTexts } from './standard.ts'

/** A standard text made ready for comparison: its runs of three words, and how many there are. */
export type Candidate = { readonly standard: Standard; readonly length: number; readonly runs: Counted }

const SHARE = 0.5
const SAMPLE = 8
const SHORT = 200

/** The standard texts of which at least half may lie in a text with these runs of words. */
export function shortlist(shingles: Uint32Array): readonly Candidate[] {
  const { candidates, sampled, postings } = index()
  const hits = new Uint32Array(candidates.length)
  for (const shingle of count(shingles).numbers) for (const at of postings.get(shingle) ?? []) hits[at]!++
  return candidates.filter((_, at) => hits[at]! > 0 && hits[at]! >= SHARE * sampled[at]!)
}

/** The standard texts that hold most of these runs, all alike, and which share (0 to 1) of the runs that is. */
export function containers(shingles: Uint32Array): {
  readonly candidates: readonly Candidate[]
  readonly share: number
} {
  const asked = count(shingles).numbers
  const shares = index().candidates.map(
    ({ runs }) => asked.filter((run) => indexIn(runs.numbers, run) >= 0).length / Math.max(asked.length, 1),
  )
  const share = shares.reduce((one, other) => Math.max(one, other), 0)
  return { candidates: index().candidates.filter((_, at) => shares[at] === share), share }
}

type Index = {
  readonly candidates: readonly Candidate[]
  /** how many runs of each candidate the postings know */
  readonly sampled: readonly number[]
  readonly postings: ReadonlyMap<number, readonly number[]>
}

// Of a long text every eighth run is enough to find it; of a short one all are needed.
const index = once((): Index => {
  const candidates = [...standardTexts().values()].map(candidateOf)
  const postings = new Map<number, number[]>()
  const sampled = candidates.map(({ runs: { numbers } }, at) => {
    const sample = numbers.length <= SHORT ? numbers : numbers.filter((run) => run % SAMPLE === 0)
    for (const shingle of sample) {
      const list = postings.get(shingle)
      if (list) list.push(at)
      else postings.set(shingle, [at])
    }
    return sample.length
  })
  return { candidates, sampled, postings }
})

function candidateOf(standard: Standard): Candidate {
  const shingles = shinglesOf(standard.words)
  return { standard, length: shingles.length, runs: count(shingles) }
}
