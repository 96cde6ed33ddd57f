import { InvalidError } from '../errors.ts'

/** The most that a new prompt gets, in CHOIR. */
const MAX_NOVELTY = 100
/** A prompt that is more similar to an earlier one is not new. */
const MAX_SIMILARITY = 0.95
/** So much less similarity gives ten times as much. */
const TENFOLD = 0.05
const UNITS = 1e9

/** For each record that an answer cites, in base units: 5 CHOIR. */
export const CITATION_REWARD = 5_000_000_000n

/** Records that one answer pays for. */
export const MAX_PAID_CITATIONS = 5

/**
 * The reward of a prompt whose most similar prior has this similarity, 0 to 1: 0.01 CHOIR at 0.95, ten times as much
 * for each 0.05 less, at most 100, and nothing above 0.95. In base units, rounded. InvalidError for NaN.
 */
export function noveltyReward(similarity: number): bigint {
  if (Number.isNaN(similarity)) throw new InvalidError('Expected a similarity from 0 to 1, got NaN.')
  const near = Math.min(1, Math.max(0, similarity))
  if (near > MAX_SIMILARITY) return 0n
  return BigInt(Math.round(UNITS * Math.min(MAX_NOVELTY, 10 ** ((MAX_SIMILARITY - near) / TENFOLD - 2))))
}
