import { present } from '../../../lib/json/present.ts'
import type { FoundRecord } from '../../memory.ts'

/** A record that a search has found, without its text. */
export type Candidate = {
  readonly rid: number
  readonly id: string
  readonly learned_at: number
  readonly importance: number | null
}

/** A record in a ranking. `value` orders the ranking: a relevance of words, or a cosine. */
export type RankedCandidate = Candidate & {
  readonly value: number
  /** 1: the encoder has not read it */
  readonly unread?: 0 | 1
}

/** A found record with the parts of its score. Ranks begin with 1; one is absent if that list lacks the record. */
export type FusedCandidate = {
  readonly rid: number
  readonly score: number
  readonly parts: Omit<FoundRecord['parts'], 'ranks'>
  readonly ranks: NonNullable<FoundRecord['parts']['ranks']>
}

/** The constant of reciprocal rank fusion: a large one makes the first ranks less important. */
const RANK_OFFSET = 60
const DAY_MS = 86_400_000
/** A record loses two thirds of its recency in this time. */
const RECENCY_DAYS = 30
const RECENCY_WEIGHT = 0.1
const IMPORTANCE_WEIGHT = 0.1

/**
 * The best records of two rankings. The score of a record is the sum of 1 / (60 + rank) over the rankings that have it,
 * times its recency and its importance. Without a ranking by meaning, the relevance of words replaces the sum. `read`:
 * the share of the records that the encoder has read. Those that it has not read keep their rank by words, and the
 * others get the rank that they would have among all.
 */
export function fuse(
  words: readonly RankedCandidate[],
  meaning: readonly RankedCandidate[] | undefined,
  { now, limit, read = 1 }: { readonly now: number; readonly limit: number; readonly read?: number },
): readonly FusedCandidate[] {
  const byWords = placesOf(words)
  const byMeaning = placesOf(meaning ?? [])
  const all = new Map([...words, ...(meaning ?? [])].map((candidate) => [candidate.rid, candidate]))
  const fused = [...all.values()].map((candidate) => {
    const [inWords, inMeaning] = [byWords.get(candidate.rid), byMeaning.get(candidate.rid)]
    const relevance = inWords === undefined ? 0 : words[inWords - 1]!.value
    const among = inMeaning === undefined ? (candidate.unread ? inWords : undefined) : inMeaning / read
    const base = meaning ? reciprocal(inWords) + reciprocal(among) : relevance
    const { recency, importance } = boostsOf(candidate, now)
    return {
      candidate,
      score: base * recency * importance,
      parts: {
        words: relevance,
        ...(inMeaning !== undefined && { meaning: meaning![inMeaning - 1]!.value }),
        recency,
        importance,
      },
      ranks: present({ words: inWords, meaning: inMeaning }),
    }
  })
  fused.sort((a, b) => b.score - a.score || byTime(a.candidate, b.candidate))
  return fused.slice(0, limit).map(({ candidate: { rid }, ...rest }) => ({ rid, ...rest }))
}

/** The higher value first; the newer one of two equal ones. */
export const byValue = (a: RankedCandidate, b: RankedCandidate) => b.value - a.value || byTime(a, b)

const byTime = (a: Candidate, b: Candidate) => b.learned_at - a.learned_at || (a.id < b.id ? -1 : 1)

const placesOf = (ranking: readonly RankedCandidate[]) => new Map(ranking.map(({ rid }, place) => [rid, place + 1]))

const reciprocal = (rank: number | undefined) => (rank === undefined ? 0 : 1 / (RANK_OFFSET + rank))

function boostsOf({ learned_at, importance }: Candidate, now: number) {
  const age = Math.max(0, now - learned_at) / DAY_MS
  return {
    recency: 1 + RECENCY_WEIGHT * Math.exp(-age / RECENCY_DAYS),
    importance: 1 + IMPORTANCE_WEIGHT * (importance ?? 0),
  }
}
