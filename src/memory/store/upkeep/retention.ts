import type { MemoryConnection, SqlValue } from '../connection.ts'
import { expire } from '../erase.ts'

/** How long records stay: days since they were learned, and how many of an owner. Pinned ones stay. */
export type RecordRetention = { readonly keepDays?: number; readonly keepRows?: number }

const DAY_MS = 86_400_000
/** Records that one transaction expires. */
const EXPIRED_AT_ONCE = 500

/** Whether records of an owner are over, and when the next one is (ms since the epoch). */
type Expiry = { readonly isDue: boolean; readonly next?: number }

/** Looks for records of an owner whose time is over: by their own `expires`, by age or by number. */
export function readExpiry(
  connection: MemoryConnection,
  owner: number,
  retention: RecordRetention,
  now: number,
): Expiry {
  const isDue = dueRids(connection, owner, retention, now, 1).length > 0
  const first = (sql: string, ...values: SqlValue[]) =>
    connection.first<{ readonly at: number | null }>(sql, [owner, ...values])!.at ?? Number.POSITIVE_INFINITY
  const own = first(
    'select min(expires) at from record where owner = ? and expires > ? and erasure is null and expires is not null',
    now,
  )
  const { keepDays = Number.POSITIVE_INFINITY } = retention
  const aged =
    keepDays === Number.POSITIVE_INFINITY
      ? keepDays
      : first('select min(learned_at) at from record where owner = ? and erasure is null and pinned = 0') +
        keepDays * DAY_MS
  const next = Math.min(own, Math.max(aged, now))
  return { isDue, ...(next !== Number.POSITIVE_INFINITY && { next }) }
}

/** Hides a portion of the records whose time is over. Gives their number. */
export function expirePortion(
  connection: MemoryConnection,
  owner: number,
  retention: RecordRetention,
  now: number,
): number {
  return connection.transaction(owner, () => {
    const rids = dueRids(connection, owner, retention, now, EXPIRED_AT_ONCE)
    if (rids.length === 0) return 0
    const due = { sql: 'r.rid in (select value from json_each(?))', values: [JSON.stringify(rids)] }
    expire(connection, owner, due, now)
    return rids.length
  })
}

function dueRids(
  connection: MemoryConnection,
  owner: number,
  { keepDays, keepRows }: RecordRetention,
  now: number,
  limit: number,
): readonly number[] {
  const rids = (sql: string, ...values: SqlValue[]) =>
    connection
      .all<{ readonly rid: number }>(`select rid from record where owner = ? and erasure is null and ${sql}`, [
        owner,
        ...values,
      ])
      .map(({ rid }) => rid)
  const due = new Set(rids('expires is not null and expires <= ? limit ?', now, limit))
  if (keepDays !== undefined)
    for (const rid of rids('pinned = 0 and learned_at <= ? limit ?', now - keepDays * DAY_MS, limit)) due.add(rid)
  if (keepRows !== undefined) {
    const sql = 'pinned = 0 and withdrawn_at is null'
    const { count } = connection.first<{ readonly count: number }>(
      `select count(*) count from record where owner = ? and erasure is null and ${sql}`,
      [owner],
    )!
    const excess = Math.min(limit, count - keepRows)
    if (excess > 0) for (const rid of rids(`${sql} order by learned_at, rid limit ?`, excess)) due.add(rid)
  }
  return [...due].slice(0, limit)
}
