import { type Compression, compress } from '../../tier/compress.ts'
import { dueRows, MAX_ATTEMPTS, retryDelay, type Tier, type TierRow } from '../../tier/decide.ts'
import type { TierRules } from '../../tier/rules.ts'
import type { MemoryConnection, SqlValue } from '../connection.ts'

/** The records that are due to leave a tier, and when the next one is (ms since the epoch) as far as that is known. */
type MovePlan = { readonly rids: readonly number[]; readonly next?: number }

/** The result of a portion of moves. A record that cannot be converted stays where it is. */
export type MovedRows = { readonly moved: number; readonly failed: number; readonly quarantined: number }

type Leaving = { readonly from: 'short' | 'intermediate'; readonly rules: TierRules; readonly limit: number }

/** Rows of a tier; those that failed wait for their next attempt. */
const IN_TIER = 'r.owner = ? and r.tier = ? and r.erasure is null and r.withdrawn_at is null'
const MOVABLE = `${IN_TIER} and r.pinned = 0 and r.quarantined is null`
const READY = `${MOVABLE} and (r.retry_at is null or r.retry_at <= ?)`

/** Decides which records leave a tier, by reads alone. */
export function planMoves(
  connection: MemoryConnection,
  owner: number,
  { from, rules, limit }: Leaving,
  now: number,
): MovePlan {
  const limits = rules[from]
  const ready = (more: string, ...values: SqlValue[]) =>
    connection.all<Omit<TierRow, 'pinned'>>(
      `select r.rid, r.id, r.learned_at learnedAt, r.importance, ifnull(a.count, 0) reads,
       ${numberIn('reward')} reward, ${numberIn('surprise')} surprise
       from record r left join access a on a.rid = r.rid where ${READY} ${more}`,
      [owner, from, now, ...values],
    )
  const count = connection.first<{ readonly count: number }>(`select count(*) count from record r where ${IN_TIER}`, [
    owner,
    from,
  ])!.count
  const aged = ready('and r.learned_at <= ? order by r.learned_at, r.id limit ?', now - limits.ttl, limit)
  // without an excess nothing needs a score
  const rows = count > limits.limit && aged.length < limit ? ready('') : aged
  const movable = rows.map((row) => ({ ...row, pinned: false }))
  const due = dueRows(movable, { ...limits, count, weights: rules.weights }, now)
  const next = nextMove(connection, owner, from, limits.ttl, now)
  return { rids: due.slice(0, limit).map(({ rid }) => rid), ...(next !== undefined && { next }) }
}

/** A number in the JSON of a record; 0 when there is none, or when it is not JSON. */
const numberIn = (field: string) =>
  `case when json_valid(r.data) and json_type(r.data, '$.${field}') in ('integer', 'real')
   then json_extract(r.data, '$.${field}') else 0 end`

/** When the next record of a tier that is not due yet is due by age, or may be tried again. */
function nextMove(
  connection: MemoryConnection,
  owner: number,
  from: Tier,
  ttl: number,
  now: number,
): number | undefined {
  const first = (sql: string, ...values: SqlValue[]) =>
    connection.first<{ readonly at: number }>(sql, [owner, from, ...values])?.at
  const young = first(
    `select r.learned_at at from record r where ${MOVABLE} and r.learned_at > ? order by r.learned_at limit 1`,
    now - ttl,
  )
  const failed = first(
    `select r.retry_at at from record r where ${MOVABLE} and r.retry_at > ? order by r.retry_at limit 1`,
    now,
  )
  const times = [...(young === undefined ? [] : [young + ttl]), ...(failed === undefined ? [] : [failed])]
  return times.length === 0 ? undefined : Math.min(...times)
}

type Moving = {
  readonly rids: readonly number[]
  readonly from: Tier
  readonly to: Tier
  /** absent: the JSON stays as it is */
  readonly compression?: Compression
}

type MovingRow = {
  readonly rid: number
  readonly version: number
  readonly attempts: number
  readonly data: string | null
}

/** Moves records to a tier in one transaction, each by an update that fails if the record has changed since. */
export function moveRows(
  connection: MemoryConnection,
  owner: number,
  { rids, from, to, compression }: Moving,
  now: number,
): MovedRows {
  return connection.transaction(owner, () => {
    const rows = connection.all<MovingRow>(
      `select r.rid, r.version, r.attempts, r.data from record r
       where ${READY} and r.rid in (select value from json_each(?))`,
      [owner, from, now, JSON.stringify(rids)],
    )
    const counts = { moved: 0, failed: 0, quarantined: 0 }
    for (const row of rows) {
      const converted = convert(row.data, compression)
      if ('reason' in converted) {
        const isLast = row.attempts + 1 >= MAX_ATTEMPTS
        counts[isLast ? 'quarantined' : 'failed']++
        setFailed(connection, owner, row, isLast ? converted.reason : null, now)
      } else {
        counts.moved++
        connection.run(
          `update record set tier = ?, moved_at = ?, version = version + 1, data = ?,
           full_bytes = ifnull(full_bytes, length(cast(data as blob))), attempts = 0, retry_at = null
           where owner = ? and rid = ? and version = ? and tier = ?`,
          [to, now, converted.data, owner, row.rid, row.version, from],
        )
      }
    }
    return counts
  })
}

type Converted = { readonly data: string | null } | { readonly reason: string }

function convert(data: string | null, compression: Compression | undefined): Converted {
  if (data === null || !compression) return { data }
  try {
    return { data: compress(data, compression) }
  } catch (error) {
    // the message may quote the record
    return { reason: error instanceof SyntaxError ? 'its data is not JSON' : 'its data cannot be compressed' }
  }
}

function setFailed(
  connection: MemoryConnection,
  owner: number,
  { rid, version, attempts }: MovingRow,
  reason: string | null,
  now: number,
): void {
  connection.run(
    `update record set attempts = ?, retry_at = ?, quarantined = ?, version = version + 1
     where owner = ? and rid = ? and version = ?`,
    [attempts + 1, now + retryDelay(attempts + 1), reason, owner, rid, version],
  )
}
