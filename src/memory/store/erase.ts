import { randomBytes } from 'node:crypto'
import type { Cause, ErasureReport, ForgetTarget } from '../memory.ts'
import type { MemoryConnection, SqlValue } from './connection.ts'
import { inSpace, type RecordCondition } from './filter.ts'
import { hasher, noteForgotten } from './forgotten.ts'

/** Records that one transaction erases. */
const ERASED_AT_ONCE = 100

/** Places that memory does not reach. Each report names them. */
const REMAINS = ['answers and runs that quoted the records', 'backups that were made before']

/** Counts the records that would be forgotten. */
export function countTarget(connection: MemoryConnection, owner: number, target: ForgetTarget): ErasureReport {
  const { sql, values } = targetOf(target)
  const row = connection.first<{ readonly count: number }>(
    `select count(*) count from record r where r.owner = ? and r.erasure is null and ${sql}`,
    [owner, ...values],
  )!
  return reportOf({ target: byOf(target), status: 'dry-run', records: row.count, words: 0, changes: 0 })
}

/** Hides the records, notes their hashes and opens the report. Gives its id. */
export function beginErasure(
  connection: MemoryConnection,
  owner: number,
  { target, cause = { type: 'person' } }: { readonly target: ForgetTarget; readonly cause?: Cause },
  now: number,
): string {
  return connection.transaction(() => {
    const hashOf = hasher(connection, owner)
    noteForgotten(connection, owner, [hashOf(byOf(target), nameOf(target))], now)
    return hide(connection, owner, targetOf(target), { by: byOf(target), type: 'forget', cause, now })
  })
}

/** Hides the records of all owners whose time is over. It belongs to the transaction of a write. */
export function expireDue(connection: MemoryConnection, now: number): void {
  const due: RecordCondition = { sql: 'r.expires <= ?', values: [now] }
  const owners = connection.all<{ readonly owner: number }>(
    `select distinct r.owner from record r where r.erasure is null and ${due.sql}`,
    [now],
  )
  for (const { owner } of owners)
    hide(connection, owner, due, { by: 'id', type: 'expire', cause: { type: 'person' }, now })
}

type Hiding = {
  readonly by: ErasureReport['by']
  readonly type: 'forget' | 'expire'
  readonly cause: Cause
  readonly now: number
}

function hide(
  connection: MemoryConnection,
  owner: number,
  { sql, values }: RecordCondition,
  { by, type, cause, now }: Hiding,
) {
  const erasure = `e_${randomBytes(12).toString('base64url')}`
  const rows = connection.all<{ readonly rid: number; readonly id: string }>(
    `select r.rid, r.id from record r where r.owner = ? and r.erasure is null and ${sql}`,
    [owner, ...values],
  )
  const hashOf = hasher(connection, owner)
  for (const { rid } of rows)
    connection.run('update record set erasure = ? where owner = ? and rid = ?', [erasure, owner, rid])
  noteForgotten(connection, owner, new Set(rows.map(({ id }) => hashOf('id', id))), now)
  keepEnds(connection, owner, erasure)
  connection.run('insert into change(owner, at, type, cause, count) values(?, ?, ?, ?, ?)', [
    owner,
    now,
    type,
    JSON.stringify(cause),
    rows.length,
  ])
  connection.run("insert into erasure values(?, ?, ?, ?, 'pending', 0, 0, 0)", [erasure, owner, now, by])
  return erasure
}

/** A fact that an erased one has ended stays ended. */
function keepEnds(connection: MemoryConnection, owner: number, erasure: string): void {
  connection.run(
    `insert into fact_end(rid, valid, known) select f.rid, x.valid_from, x.learned_at
     from record x join record f on f.owner = x.owner and f.subject = x.subject and f.space = x.space
     where x.owner = ? and x.erasure = ? and x.withdrawn_at is null and f.erasure is null
     and (f.valid_from, f.learned_at, f.rid) < (x.valid_from, x.learned_at, x.rid)`,
    [owner, erasure],
  )
}

/** Erases what is hidden, in portions, and empties the log of the file. A pending report is continued here. */
export function finishErasures(connection: MemoryConnection): void {
  const pending = "select id, owner from erasure where status = 'pending'"
  const reports = connection.all<{ readonly id: string; readonly owner: number }>(pending)
  if (reports.length === 0) return
  for (const { id, owner } of reports) while (erasePortion(connection, owner, id));
  if (!connection.truncateLog()) return
  connection.transaction(() => {
    for (const { id, owner } of reports)
      connection.run("update erasure set status = 'done' where owner = ? and id = ?", [owner, id])
  })
}

function erasePortion(connection: MemoryConnection, owner: number, erasure: string): boolean {
  return connection.transaction(() => {
    const rows = connection.all<{ readonly rid: number }>(
      'select rid from record where owner = ? and erasure = ? limit ?',
      [owner, erasure, ERASED_AT_ONCE],
    )
    if (rows.length === 0) return false
    let words = 0
    let changes = 0
    for (const { rid } of rows) {
      words += connection.run('delete from words where rowid = ?', [rid]).changes
      changes += connection.run('delete from change_record where rid = ?', [rid]).changes
      connection.run('delete from fact_end where rid = ?', [rid])
      connection.run('delete from record where owner = ? and rid = ?', [owner, rid])
    }
    const counts: readonly SqlValue[] = [rows.length, words, changes, owner, erasure]
    const sql = `update erasure set records = records + ?, words = words + ?, changes = changes + ?
      where owner = ? and id = ?`
    connection.run(sql, counts)
    return true
  })
}

/** The report of an erasure. */
export function readErasure(connection: MemoryConnection, owner: number, id: string): ErasureReport {
  const row = connection.first<ErasureRow>('select * from erasure where owner = ? and id = ?', [owner, id])!
  return { id, ...reportOf(row) }
}

type ErasureRow = {
  readonly target: ErasureReport['by']
  readonly status: ErasureReport['status']
  readonly records: number
  readonly words: number
  readonly changes: number
}

function reportOf({ target: by, status, records, words, changes }: ErasureRow): ErasureReport {
  return { status, by, removed: { records, words, changes }, remains: REMAINS }
}

const byOf = (target: ForgetTarget) => Object.keys(target)[0] as ErasureReport['by']
const nameOf = (target: ForgetTarget) => ('all' in target ? '' : String(Object.values(target)[0]))

function targetOf(target: ForgetTarget): RecordCondition {
  if ('space' in target) return inSpace(target.space)
  if ('all' in target) return { sql: '1', values: [] }
  const column = 'source' in target ? 'source_ref' : byOf(target)
  return { sql: `r.${column} = ?`, values: [nameOf(target)] }
}
