import { type Counted, count, indexIn } from './shingles.ts'

/** A text's distinct runs, and which of them stands at each place. */
export type Text = { readonly runs: Counted; readonly order: Int32Array }
/** Which of a candidate's runs each run of a text is (-1: none), and how often such come in both at most. */
export type Match = { readonly indexes: Int32Array; readonly hits: number }

/** Reads a text's runs once for all candidates. */
export function readText(shingles: Uint32Array): Text {
  const runs = count(shingles)
  return { runs, order: Int32Array.from(shingles, (shingle) => indexIn(runs.numbers, shingle)) }
}

/** Finds a text's runs among a candidate's, both in ascending order. */
export function matchRuns(text: Counted, candidate: Counted): Match {
  const indexes = new Int32Array(text.numbers.length).fill(-1)
  let hits = 0
  for (let at = 0, other = 0; at < text.numbers.length && other < candidate.numbers.length; ) {
    const difference = text.numbers[at]! - candidate.numbers[other]!
    if (difference === 0) {
      indexes[at] = other
      hits += Math.min(text.counts[at]!, candidate.counts[other]!)
    }
    if (difference <= 0) at++
    if (difference >= 0) other++
  }
  return { indexes, hits }
}
