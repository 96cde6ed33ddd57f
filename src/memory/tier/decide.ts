/** The tiers of records: a record moves from short to intermediate and from there to long, and never back. */
export const TIERS = ['short', 'intermediate', 'long'] as const
export type Tier = (typeof TIERS)[number]

/** The tier in which a record begins: passages of files are not what happened of late. */
export const firstTier = (kind: string): Tier => (kind === 'passage' ? 'long' : 'short')

/** A tier from which records move on: `limit` in records, `ttl` in ms since a record was learned. */
export type TierLimits = { readonly limit: number; readonly ttl: number }

/** Shares of the importance of a record; they sum to 1. */
export type ImportanceWeights = { readonly [part in 'reward' | 'reads' | 'recency' | 'surprise']: number }

/** A record of a tier, as decisions need it. Times in ms since the epoch. */
export type TierRow = {
  readonly rid: number
  readonly id: string
  readonly learnedAt: number
  /** as its caller gave it */
  readonly importance: number | null
  readonly pinned: boolean
  /** the number `reward` of its JSON; 10 counts fully */
  readonly reward: number
  /** the number `surprise` of its JSON, 0 to 1 */
  readonly surprise: number
  readonly reads: number
}

const DAY_MS = 86_400_000
const FULL_REWARD = 10
const FULL_READS = 5

/** The importance of a record, 0 to 1: as its caller gave it, or as it follows from its use if that is more. */
export function importanceOf(
  row: Omit<TierRow, 'rid' | 'id' | 'pinned'>,
  now: number,
  weights: ImportanceWeights,
): number {
  const formula =
    weights.reward * Math.min(1, Math.abs(row.reward) / FULL_REWARD) +
    weights.reads * Math.min(row.reads / FULL_READS, 1) +
    weights.recency * Math.exp(-ageOf(row, now) / DAY_MS) +
    weights.surprise * row.surprise
  return Math.min(1, Math.max(0, row.importance ?? 0, formula))
}

/** The age of a record in ms. It is not negative, even if the clock was set back. */
const ageOf = ({ learnedAt }: { readonly learnedAt: number }, now: number) => Math.max(0, now - learnedAt)

/**
 * The records that are due to move to the next tier: by age, and those with the most `age · (1 − importance)` among
 * the ones above the limit. Older ones come first, then ids decide. `count`: all records of the tier.
 */
export function dueRows<Row extends TierRow>(
  rows: readonly Row[],
  { limit, ttl, count, weights }: TierLimits & { readonly count: number; readonly weights: ImportanceWeights },
  now: number,
): readonly Row[] {
  const movable = rows.filter(({ pinned }) => !pinned)
  const scored = movable.map((row) => ({ row, score: ageOf(row, now) * (1 - importanceOf(row, now, weights)) }))
  scored.sort((a, b) => b.score - a.score || byAge(a.row, b.row))
  const due = new Set(scored.slice(0, Math.max(0, count - limit)).map(({ row }) => row))
  return movable.filter((row) => due.has(row) || ageOf(row, now) >= ttl).sort(byAge)
}

const byAge = (a: TierRow, b: TierRow) => a.learnedAt - b.learnedAt || (a.id < b.id ? -1 : 1)

/** Attempts to convert a record before it is quarantined. */
export const MAX_ATTEMPTS = 3

/** ms until the next attempt to convert a record, by the number of attempts. */
export const retryDelay = (attempts: number) => 60_000 * 5 ** (attempts - 1)
