import { randomBytes } from 'node:crypto'
import type { Cause, ErasureReport, ForgetTarget } from '../memory.ts'
import { nextChange, noteChange } from './changes.ts'
import type { MemoryConnection } from './connection.ts'
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
  return connection.transaction(owner, () =>
    hide(connection, owner, targetOf(target), {
      by: byOf(target),
      type: 'forget',
      cause,
      now,
      names: [[byOf(target), nameOf(target)]],
    }),
  )
}

/** Hides the records of all owners whose time is over, each owner's in a transaction of its own. */
export function expireDue(connection: MemoryConnection, now: number): void {
  const due: RecordCondition = { sql: 'r.expires <= ?', values: [now] }
  const owners = connection.all<{ readonly owner: number }>(
    `select distinct r.owner from record r where r.erasure is null and ${due.sql}`,
    [now],
  )
  const hiding = { by: 'id', type: 'expire', cause: { type: 'person' }, now, names: [] } as const
  for (const { owner } of owners) connection.transaction(owner, () => hide(connection, owner, due, hiding))
}

type Hiding = {
  readonly by: ErasureReport['by']
  readonly type: 'forget' | 'expire'
  readonly cause: Cause
  readonly now: number
  /** noted as forgotten, beside the ids of the records */
  readonly names: readonly (readonly [scope: ErasureReport['by'], name: string])[]
}

/** Hides records, as a part of a transaction. Gives the id of the report. */
function hide(
  connection: MemoryConnection,
  owner: number,
  { sql, values }: RecordCondition,
  { by, type, cause, now, names }: Hiding,
): string {
  const erasure = `e_${randomBytes(12).toString('base64url')}`
  const rows = connection.all<{ readonly id: string }>(
    `select r.id from record r where r.owner = ? and r.erasure is null and ${sql}`,
    [owner, ...values],
  )
  const hashOf = hasher(connection, owner)
  const number = nextChange(connection, owner)
  connection.run(`update record as r set erasure = ? where r.owner = ? and r.erasure is null and ${sql}`, [
    erasure,
    owner,
    ...values,
  ])
  const forgotten = [...names, ...rows.map(({ id }) => ['id', id] as const)]
  noteForgotten(connection, owner, [...new Set(forgotten.map(([scope, name]) => hashOf(scope, name)))], now)
  keepEnds(connection, owner, erasure)
  noteChange(connection, owner, { number, at: now, type, cause, count: rows.length })
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
  for (const { id, owner } of reports)
    connection.transaction(owner, () =>
      connection.run("update erasure set status = 'done' where owner = ? and id = ?", [owner, id]),
    )
}

/** Statements that erase rows of records, and the count of the report that each adds to. */
const ERASED: readonly { readonly sql: string; readonly count?: 'words' | 'changes' }[] = [
  { sql: 'delete from words where rowid in (select value from json_each(?))', count: 'words' },
  { sql: 'delete from change_record where rid in (select value from json_each(?))', count: 'changes' },
  { sql: 'delete from fact_end where rid in (select value from json_each(?))' },
]

function erasePortion(connection: MemoryConnection, owner: number, erasure: string): boolean {
  return connection.transaction(owner, () => {
    const rows = connection.all<{ readonly rid: number }>(
      'select rid from record where owner = ? and erasure = ? limit ?',
      [owner, erasure, ERASED_AT_ONCE],
    )
    if (rows.length === 0) return false
    const rids = JSON.stringify(rows.map(({ rid }) => rid))
    const add = (count: 'records' | 'words' | 'changes') =>
      connection.run(`update erasure set ${count} = ${count} + changes() where owner = ? and id = ?`, [owner, erasure])
    for (const { sql, count } of ERASED) {
      connection.run(sql, [rids])
      if (count) add(count)
    }
    connection.run('delete from record where owner = ? and rid in (select value from json_each(?))', [owner, rids])
    add('records')
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
