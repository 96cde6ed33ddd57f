import { randomBytes } from 'node:crypto'
import type { Cause, DerivedRecord, ErasureReport, ForgetTarget } from '../memory.ts'
import { type MemoryConnection, nextChange, noteChange } from './connection.ts'
import { type DerivedRow, derivedFrom, namesOf } from './derived.ts'
import { capAsked, dropEmptySources } from './documents/source-rows.ts'
import { inSource, inSpace, type RecordCondition, rankOf } from './filter.ts'
import { hasher, noteForgotten } from './forgotten.ts'
import { noteWrite, openOwner } from './owners.ts'

/** Records that one transaction erases. */
const ERASED_AT_ONCE = 100

/** Places that memory does not reach. Each report names them. */
const REMAINS = ['answers and runs that quoted the records', 'backups that were made before']

/** Counts the records that would be forgotten. */
export function countTarget(connection: MemoryConnection, owner: number, target: ForgetTarget): ErasureReport {
  const rows = liveRows(connection, owner, targetOf(target))
  const derived = derivedOf(connection, owner, rows, filesOf(target))
  const report = reportOf(connection, {
    target: byOf(target),
    status: 'dry-run',
    records: rows.length + derived.length,
    words: 0,
    vectors: 0,
    changes: 0,
    redis: 0,
  })
  return { ...report, ...(derived.length > 0 && { derived: namesOf(derived) }) }
}

/** An erasure that has begun: the id of its report, and the derived records that it takes along. */
type BegunErasure = { readonly id: string; readonly derived: readonly DerivedRecord[] }

/** Hides records and what is derived from them, notes what is forgotten and opens the report, even without records. */
export function beginErasure(
  connection: MemoryConnection,
  ownerName: string,
  { target, cause = { type: 'person' } }: { readonly target: ForgetTarget; readonly cause?: Cause },
  now: number,
): BegunErasure {
  const owner = openOwner(connection, ownerName)
  return connection.transaction(owner, () => {
    const erasure = hide(connection, owner, targetOf(target), {
      by: byOf(target),
      type: 'forget',
      cause,
      now,
      names: [[byOf(target), nameOf(target)]],
      isFile: filesOf(target),
    })
    dropEmptySources(connection, owner, sourcesOf(target))
    capAsked(connection, owner, now)
    return erasure
  })
}

/** Hides the records of an owner whose time is over, of all ids or of some, in a transaction of its own. */
export function expireDue(connection: MemoryConnection, owner: number, now: number, ids?: readonly string[]): void {
  const due: RecordCondition = ids
    ? { sql: 'r.expires <= ? and r.id in (select value from json_each(?))', values: [now, JSON.stringify(ids)] }
    : { sql: 'r.expires <= ?', values: [now] }
  const sql = `select 1 from record r where r.owner = ? and r.erasure is null and ${due.sql} limit 1`
  if (connection.first(sql, [owner, ...due.values]))
    connection.transaction(owner, () => expire(connection, owner, due, now))
}

/** Hides records whose time is over, as a part of a transaction. */
export function expire(connection: MemoryConnection, owner: number, due: RecordCondition, now: number): void {
  hide(connection, owner, due, { by: 'id', type: 'expire', cause: { type: 'person' }, now, names: [] })
}

type Hiding = {
  readonly by: ErasureReport['by']
  readonly type: 'forget' | 'expire'
  readonly cause: Cause
  readonly now: number
  /** noted as forgotten, beside the ids of the records */
  readonly names: readonly (readonly [scope: ErasureReport['by'], name: string])[]
  /** files and pages that go with the records */
  readonly isFile?: (ref: string) => boolean
}

type LiveRow = { readonly id: string; readonly rid: number; readonly expires: number | null }

const liveRows = (connection: MemoryConnection, owner: number, { sql, values }: RecordCondition) =>
  connection.all<LiveRow>(
    `select r.id, r.rid, r.expires from record r where r.owner = ? and r.erasure is null and ${sql}`,
    [owner, ...values],
  )

/** The derived records that go with these, and are not among them. */
function derivedOf(
  connection: MemoryConnection,
  owner: number,
  rows: readonly LiveRow[],
  isFile: Hiding['isFile'] = () => false,
): readonly DerivedRow[] {
  const rids = new Set(rows.map(({ rid }) => rid))
  const derived = derivedFrom(connection, owner, { ids: rows.map(({ id }) => id), isFile })
  return derived.filter(({ rid }) => !rids.has(rid))
}

/** Hides records and what is derived from them, as a part of a transaction. */
function hide(
  connection: MemoryConnection,
  owner: number,
  condition: RecordCondition,
  { by, type, cause, now, names, isFile }: Hiding,
): BegunErasure {
  const id = `e_${randomBytes(12).toString('base64url')}`
  const found = liveRows(connection, owner, condition)
  // a record that is too old, or one too many, was not forgotten: what was made of it stays
  const forgotten = type === 'forget' ? found : found.filter(({ expires }) => expires !== null && expires <= now)
  const derived = derivedOf(connection, owner, forgotten, isFile)
  const rows = [...new Map([...found, ...derived].map((row) => [row.rid, row])).values()]
  const hashOf = hasher(connection, owner)
  const number = nextChange(connection, owner)
  connection.run(
    `update record as r set erasure = ? where r.owner = ? and r.erasure is null
     and (${condition.sql} or r.rid in (select value from json_each(?)))`,
    [id, owner, ...condition.values, JSON.stringify(derived.map(({ rid }) => rid))],
  )
  const noted = [...names, ...rows.map((row) => ['id', row.id] as const)]
  noteForgotten(connection, owner, [...new Set(noted.map(([scope, name]) => hashOf(scope, name)))], now)
  keepEnds(connection, owner, id, now)
  noteChange(connection, owner, { number, at: now, type, cause, count: rows.length })
  connection.run("insert into erasure values(?, ?, ?, ?, 'pending', 0, 0, 0, 0, 0)", [id, owner, now, by])
  noteWrite(connection, owner, now)
  return { id, derived: namesOf(derived) }
}

/** A fact that an erased one has ended stays ended. One that is erased before it begins has ended nothing. */
function keepEnds(connection: MemoryConnection, owner: number, erasure: string, now: number): void {
  connection.run(
    `insert into fact_end(rid, valid, known) select f.rid, x.valid_from, x.learned_at
     from record x join record f on f.owner = x.owner and f.subject = x.subject and f.space = x.space
     where x.owner = ? and x.erasure = ? and x.withdrawn_at is null and x.proposed = 0 and f.erasure is null and f.proposed = 0
     and (x.valid_from <= ? or x.valid_from = x.learned_at) and ${rankOf('f')} < ${rankOf('x')}`,
    [owner, erasure, now],
  )
}

/** The places of which a report counts rows, beside the records. */
type Counted = 'words' | 'vectors' | 'changes'

/** Statements that erase rows of records, and the count of the report that each adds to. */
const ERASED: readonly { readonly sql: string; readonly count?: Counted }[] = [
  { sql: 'delete from words where rowid in (select value from json_each(?))', count: 'words' },
  { sql: 'delete from vector where rid in (select value from json_each(?))', count: 'vectors' },
  { sql: 'delete from change_record where rid in (select value from json_each(?))', count: 'changes' },
  { sql: 'delete from access where rid in (select value from json_each(?))' },
  { sql: 'delete from fact_end where rid in (select value from json_each(?))' },
  { sql: 'delete from cited where rid in (select value from json_each(?))' },
]

/** Erases a portion of the hidden records. False when none is left. */
export function erasePortion(connection: MemoryConnection, owner: number): boolean {
  return connection.transaction(owner, () => {
    const rows = connection.all<{ readonly rid: number; readonly erasure: string }>(
      `select r.rid, r.erasure from erasure e join record r on r.erasure = e.id
       where e.owner = ? and r.owner = ? and e.status = 'pending' limit ?`,
      [owner, owner, ERASED_AT_ONCE],
    )
    for (const [erasure, group] of Map.groupBy(rows, (row) => row.erasure)) {
      const rids = group.map(({ rid }) => rid)
      eraseRows(connection, owner, rids, (count) =>
        connection.run(`update erasure set ${count} = ${count} + changes() where owner = ? and id = ?`, [
          owner,
          erasure,
        ]),
      )
    }
    return rows.length > 0
  })
}

/** Erases records from all tables, as a part of a transaction. `counted` is called after a statement that counts. */
export function eraseRows(
  connection: MemoryConnection,
  owner: number,
  rows: readonly number[],
  counted: (count: 'records' | Counted) => void = () => {},
): void {
  if (rows.length === 0) return
  const rids = JSON.stringify(rows)
  for (const { sql, count } of ERASED) {
    connection.run(sql, [rids])
    if (count) counted(count)
  }
  connection.run('delete from record where owner = ? and rid in (select value from json_each(?))', [owner, rids])
  counted('records')
}

/** Empties the log and closes reports whose records are gone, also from a mirror. Gives the number that wait. */
export function settleErasures(connection: MemoryConnection, owner: number): number {
  if (countErasures(connection, owner) === 0) return 0
  if (connection.truncateLog())
    connection.transaction(owner, () =>
      connection.run(
        `update erasure set status = 'done' where owner = ? and status = 'pending'
         and not exists (select 1 from record r where r.erasure = erasure.id)
         and not exists (select 1 from mirror_due d where d.erasure = erasure.id)`,
        [owner],
      ),
    )
  return countErasures(connection, owner)
}

/** The number of erasures of an owner that are not finished. */
export function countErasures(connection: MemoryConnection, owner: number): number {
  const sql = "select count(*) count from erasure where owner = ? and status = 'pending'"
  return connection.first<{ readonly count: number }>(sql, [owner])!.count
}

export function readErasure(connection: MemoryConnection, owner: number, id: string): ErasureReport {
  const row = connection.first<ErasureRow>('select * from erasure where owner = ? and id = ?', [owner, id])!
  return { id, ...reportOf(connection, row) }
}

type ErasureRow = {
  readonly target: ErasureReport['by']
  readonly status: ErasureReport['status']
  readonly records: number
  readonly words: number
  readonly vectors: number
  readonly changes: number
  readonly redis: number
}

function reportOf(
  { unreached }: MemoryConnection,
  { target: by, status, records, words, vectors, changes, redis }: ErasureRow,
): ErasureReport {
  const removed = { records, words, vectors, changes, ...(redis > 0 && { redis }) }
  return { status, by, removed, remains: [...REMAINS, ...unreached] }
}

const byOf = (target: ForgetTarget) => Object.keys(target)[0] as ErasureReport['by']
const nameOf = (target: ForgetTarget) => ('all' in target ? '' : String(Object.values(target)[0]))

function targetOf(target: ForgetTarget): RecordCondition {
  if ('space' in target) return inSpace(target.space)
  if ('all' in target) return { sql: '1', values: [] }
  if ('source' in target) return inSource('r.source_ref', target.source)
  return { sql: `r.${byOf(target)} = ?`, values: [nameOf(target)] }
}

/** The files and pages that go with a target: a source, and all below it. */
function filesOf(target: ForgetTarget): Hiding['isFile'] & {} {
  if (!('source' in target)) return () => 'all' in target
  const folder = target.source.replace(/\/$/, '')
  return (ref) => ref === target.source || ref.startsWith(`${folder}/`)
}

/** The documents that belong to a target, also without passages. */
function sourcesOf(target: ForgetTarget): RecordCondition | undefined {
  if ('space' in target) return inSpace(target.space, 's')
  if ('source' in target) return inSource('s.ref', target.source)
  return 'all' in target ? { sql: '1', values: [] } : undefined
}
