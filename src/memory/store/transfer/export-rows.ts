import { contentHash } from '../../content-id.ts'
import { standingOf } from '../../limits.ts'
import { erasedMeanwhile } from '../../memory.ts'
import type { ExportedRecord } from '../../transfer/line.ts'
import type { ExportPage, ExportPosition, ExportStart } from '../../transfer/transfer.ts'
import type { MemoryConnection } from '../connection.ts'
import { expireDue } from '../erase.ts'
import { READABLE } from '../filter.ts'
import { RECORD_COLUMNS, type RecordRow, recordOf } from '../rows.ts'

/** A page of an export has about this many bytes, or one record. */
const MAX_PAGE = { rows: 500, bytes: 1024 * 1024 }

/**
 * Records with their history. A proposal is not remembered yet, and a record that was never known is none. The plus
 * keeps SQLite from sorting all rows of the owner for each page.
 */
const EXPORTED = `+r.owner = ? and r.erasure is null and r.proposed = 0 and ${READABLE}
  and (r.withdrawn_at is null or r.withdrawn_at > r.learned_at)`

/** Starts an export. Records whose time is over are erased first: what they ended stays ended. */
export function startExport(
  connection: MemoryConnection,
  owner: number,
  _input: object,
  now: number,
  trusted = now,
): ExportStart {
  expireDue(connection, owner, trusted)
  const { records, last } = connection.first<{ readonly records: number; readonly last: number | null }>(
    `select count(*) records, max(r.rid) last from record r where ${EXPORTED}`,
    [owner],
  )!
  return { records, last: last ?? 0, change: lastChange(connection, owner, '1') }
}

/** The number of the newest change that meets a condition; 0: there is none. */
export function lastChange(connection: MemoryConnection, owner: number, condition: string): number {
  const sql = `select max(number) last from change where owner = ? and ${condition}`
  return connection.first<{ readonly last: number | null }>(sql, [owner])?.last ?? 0
}

type ExportRow = RecordRow & { readonly withdrawn_at: number | null }

/** Lines of the next records. */
export function exportPage(
  connection: MemoryConnection,
  owner: number,
  { after, last, change }: ExportPosition,
  now: number,
): ExportPage {
  // the file would hold the text, and would lack the end of a fact that the erased one has ended
  if (lastChange(connection, owner, "type in ('forget', 'expire')") > change) throw erasedMeanwhile()
  const until = endOfPage(connection, owner, after, last)
  const rows = connection.all<ExportRow>(
    `select ${RECORD_COLUMNS}, r.withdrawn_at from record r
     where ${EXPORTED} and r.rid > ? and r.rid <= ? order by r.rid`,
    [owner, after, until],
  )
  const ends = connection.all<{ readonly rid: number; readonly at: number; readonly knownAt: number }>(
    'select rid, valid at, known knownAt from fact_end where rid > ? and rid <= ? order by rid, valid, known',
    [after, until],
  )
  const byRecord = Map.groupBy(ends, ({ rid }) => rid)
  const lines = rows.map((row) => {
    const own = (byRecord.get(row.rid) ?? []).map(({ at, knownAt }) => ({ at, knownAt }))
    return `${JSON.stringify({ ...lineOf(row, now), ...(own.length > 0 && { ends: own }) })}\n`
  })
  return { text: lines.join(''), after: until }
}

function endOfPage(connection: MemoryConnection, owner: number, after: number, last: number): number {
  const sizes = connection.all<{ readonly rid: number; readonly bytes: number }>(
    `select r.rid, length(cast(r.text as blob)) + ifnull(length(cast(r.data as blob)), 0) bytes from record r
     where ${EXPORTED} and r.rid > ? and r.rid <= ? order by r.rid limit ?`,
    [owner, after, last, MAX_PAGE.rows],
  )
  let bytes = 0
  const end = sizes.findIndex((row) => (bytes += row.bytes) >= MAX_PAGE.bytes)
  return (end < 0 ? sizes.at(-1) : sizes[end])?.rid ?? last
}

/** The line of a record. What a clock that was ahead has said becomes now, so that the file can be imported at once. */
function lineOf(row: ExportRow, now: number): ExportedRecord {
  const learnedAt = Math.min(row.learned_at, now)
  const isGiven = row.valid_from !== row.learned_at
  const record = recordOf({ ...row, learned_at: learnedAt, ...(!isGiven && { valid_from: learnedAt }) })
  return {
    ...record,
    // the content is another one than when it was added: a fact got its validFrom, or a tier has compressed the data
    ...(contentHash(record) !== row.hash && { hash: row.hash }),
    ...(row.standing > standingOf(record.source) && { accepted: true as const }),
    ...(row.withdrawn_at !== null && { withdrawnAt: Math.min(row.withdrawn_at, now) }),
  }
}
