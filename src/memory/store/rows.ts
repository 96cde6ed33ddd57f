import type { FactEnd } from '../fact-history.ts'
import type { MemoryRecord } from '../record.ts'
import type { Tier } from '../tier/decide.ts'

export type RecordRow = {
  readonly rid: number
  readonly id: string
  readonly hash: string
  readonly space: string
  readonly kind: string
  readonly text: string
  readonly data: string | null
  readonly subject: string | null
  readonly importance: number | null
  readonly pinned: number
  readonly standing: number
  readonly source: string
  readonly learned_at: number
  readonly valid_from: number | null
  readonly valid_to: number | null
  readonly expires: number | null
  readonly tier: Tier
  readonly quarantined: string | null
}

/** The columns of a `RecordRow`, of the table `r`. */
export const RECORD_COLUMNS =
  'r.rid, r.id, r.hash, r.space, r.kind, r.text, r.data, r.subject, r.importance, r.pinned, r.standing, r.source, r.learned_at, r.valid_from, r.valid_to, r.expires, r.tier, r.quarantined'

/** Why a row cannot be read; undefined: it can. */
export function damageOf({ quarantined, data }: RecordRow): string | undefined {
  if (quarantined !== null) return quarantined
  try {
    JSON.parse(data ?? 'null')
    return undefined
  } catch {
    return 'its data is not JSON'
  }
}

/** The record of a row. `end`: what ends a fact, as its history says. */
export function recordOf(row: RecordRow, end?: { readonly validTo?: number; readonly endedAt?: number }): MemoryRecord {
  const validTo = end ? end.validTo : (row.valid_to ?? undefined)
  return {
    id: row.id,
    space: row.space,
    kind: row.kind,
    text: row.text,
    ...(row.data !== null && { data: JSON.parse(row.data) }),
    ...(row.subject !== null && { subject: row.subject }),
    ...(row.importance !== null && { importance: row.importance }),
    pinned: row.pinned === 1,
    source: JSON.parse(row.source),
    learnedAt: row.learned_at,
    ...(row.valid_from !== null && { validFrom: row.valid_from }),
    ...(validTo !== undefined && { validTo }),
    ...(end?.endedAt !== undefined && { endedAt: end.endedAt }),
    ...(row.expires !== null && { expires: row.expires }),
    tier: row.tier,
  }
}

/** The row of a fact as histories need it. Rows have numbers in the order of changes. */
export function factOf(row: RecordRow, ends: readonly FactEnd[]) {
  const { rid: order, standing, valid_from: validFrom, valid_to: validTo, learned_at: learnedAt } = row
  return { row, order, standing, validFrom: validFrom!, learnedAt, ends, ...(validTo !== null && { validTo }) }
}
