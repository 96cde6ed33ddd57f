import { randomBytes } from 'node:crypto'
import { InvalidError, TerminalError } from '../../errors.ts'
import { contentHash, contentId } from '../content-id.ts'
import type { AddedRecords, AddOptions, Cause, MemoryChange } from '../memory.ts'
import { noChange, noRecord } from '../missing.ts'
import type { MemoryRecord, NewRecord } from '../record.ts'
import type { MemoryConnection } from './connection.ts'
import { expireDue } from './erase.ts'
import { conditionOf } from './filter.ts'
import { checkNotForgotten } from './forgotten.ts'
import { findChange, findRow, ownerNumber } from './read.ts'
import { RECORD_COLUMNS, type RecordRow, recordOf } from './rows.ts'
import { indexedTerms } from './words.ts'

const PERSON: Cause = { type: 'person' }

/** Adds records in one transaction. */
export function add(
  connection: MemoryConnection,
  name: string,
  records: readonly NewRecord[],
  { source = { type: 'user' }, cause = PERSON, begunAt }: AddOptions,
  now: number,
): AddedRecords {
  return connection.transaction(() => {
    const owner = openOwner(connection, name)
    expireDue(connection, now)
    // knowledge never becomes older, even if the clock is set back
    const { last } = connection.first<{ last: number | null }>(
      'select max(learned_at) last from record where owner = ?',
      [owner],
    )!
    const at = Math.max(now, last ?? now)
    const added: number[] = []
    const results = records.map((record, place) => {
      const result = addOne(connection, owner, record, { source, at, begunAt: begunAt ?? now, place })
      if (result.rid !== undefined) added.push(result.rid)
      return { id: result.id, status: result.rid === undefined ? ('same' as const) : ('added' as const) }
    })
    if (added.length === 0) return { records: results }
    return { records: results, change: noteChange(connection, owner, { at: now, type: 'add', cause, rids: added }) }
  })
}

function openOwner(connection: MemoryConnection, name: string): number {
  const known = ownerNumber(connection, name)
  if (known !== undefined) return known
  return Number(connection.run('insert into owner(name, key) values(?, ?)', [name, randomBytes(32)]).lastInsertRowid)
}

type Adding = {
  readonly source: NonNullable<AddOptions['source']>
  readonly at: number
  readonly begunAt: number
  readonly place: number
}

function addOne(
  connection: MemoryConnection,
  owner: number,
  record: NewRecord,
  { source, at, begunAt, place }: Adding,
) {
  const { space = '', text, data, subject, importance, pinned = false, validFrom, validTo, expires } = record
  const kind = record.kind ?? (subject === undefined ? 'note' : 'fact')
  const hash = contentHash({ ...record, space, kind })
  const current =
    subject !== undefined && validFrom === undefined && record.id === undefined
      ? factNow(connection, owner, space, subject, at)
      : undefined
  if (current?.hash === hash) return { id: current.id }
  const id = record.id ?? contentId(hash, current?.id)
  checkNotForgotten(connection, owner, { id, space, kind, subject, source: source.ref }, begunAt)
  const found = findRow(connection, owner, id, Number.NEGATIVE_INFINITY)
  if (found && found.hash !== hash) throw conflict(id, place)
  if (found) return { id }
  const from = subject === undefined ? null : (validFrom ?? at)
  if (from !== null && validTo !== undefined && validTo <= from)
    throw new InvalidError('Expected a validTo after validFrom, which is now unless it is given.', {
      place: { path: `records[${place}].validTo` },
    })
  const row = [
    [owner, id, hash, space, kind, text],
    [data === undefined ? null : JSON.stringify(data), subject ?? null, importance ?? null, pinned ? 1 : 0],
    [JSON.stringify(source), source.ref ?? null, at, from, validTo ?? null, expires ?? null],
  ].flat()
  const { lastInsertRowid } = connection.run(
    `insert into record(owner, id, hash, space, kind, text, data, subject, importance, pinned, source, source_ref,
     learned_at, valid_from, valid_to, expires) values(${row.map(() => '?').join()})`,
    row,
  )
  const rid = Number(lastInsertRowid)
  const terms = indexedTerms(owner, text, subject ?? null)
  connection.run('insert into words(rowid, terms) values(?, ?)', [rid, terms])
  return { id, rid }
}

function factNow(connection: MemoryConnection, owner: number, space: string, subject: string, now: number) {
  const { sql, values } = conditionOf(owner, { subject }, now)
  return connection.first<RecordRow>(`select ${RECORD_COLUMNS} from record r where ${sql} and r.space = ?`, [
    ...values,
    space,
  ])
}

function conflict(id: string, place: number): TerminalError {
  return new TerminalError(`Record ${place + 1} has the id ${id}, and another record with that id has other content.`, {
    code: 'record_conflict',
    hint: 'Leave the id out, or give another one. To replace a fact, give it a subject.',
  })
}

type NewChange = {
  readonly at: number
  readonly type: MemoryChange['type']
  readonly cause: Cause
  readonly rids: readonly number[]
  readonly undoes?: number
}

function noteChange(connection: MemoryConnection, owner: number, { at, type, cause, rids, undoes }: NewChange): number {
  const number = Number(
    connection.run('insert into change(owner, at, type, cause, count, undoes) values(?, ?, ?, ?, ?, ?)', [
      owner,
      at,
      type,
      JSON.stringify(cause),
      rids.length,
      undoes ?? null,
    ]).lastInsertRowid,
  )
  for (const rid of rids) connection.run('insert into change_record values(?, ?)', [number, rid])
  return number
}

/** Pins or unpins a record. Without a difference nothing changes. */
export function pin(
  connection: MemoryConnection,
  owner: number,
  { id, pinned, cause = PERSON }: { readonly id: string; readonly pinned: boolean; readonly cause?: Cause },
  now: number,
): MemoryRecord {
  return connection.transaction(() => {
    const row = findRow(connection, owner, id, now)
    if (!row) throw noRecord(id)
    if ((row.pinned === 1) !== pinned) {
      setPinned(connection, owner, row.rid, pinned)
      noteChange(connection, owner, { at: now, type: pinned ? 'pin' : 'unpin', cause, rids: [row.rid] })
    }
    return recordOf({ ...row, pinned: pinned ? 1 : 0 })
  })
}

function setPinned(connection: MemoryConnection, owner: number, rid: number, pinned: boolean): void {
  connection.run('update record set pinned = ? where owner = ? and rid = ?', [pinned ? 1 : 0, owner, rid])
}

/** Takes back an add or a pin. */
export function undo(
  connection: MemoryConnection,
  owner: number,
  { change: number, cause = PERSON }: { readonly change: number; readonly cause?: Cause },
  now: number,
): MemoryChange {
  return connection.transaction(() => {
    const change = findChange(connection, owner, number)
    if (!change) throw noChange(number)
    const rids = connection
      .all<{ readonly rid: number }>(
        `select c.rid from change_record c join record r on r.rid = c.rid
         where c.change = ? and r.owner = ? and r.withdrawn_at is null and r.erasure is null`,
        [number, owner],
      )
      .map(({ rid }) => rid)
    checkUndo(change, rids.length)
    for (const rid of rids) {
      if (change.type !== 'add') setPinned(connection, owner, rid, change.type === 'unpin')
      else {
        connection.run('update record set withdrawn_at = ? where owner = ? and rid = ?', [now, owner, rid])
        connection.run('delete from words where rowid = ?', [rid])
      }
    }
    const by = noteChange(connection, owner, { at: now, type: 'undo', cause, rids, undoes: number })
    connection.run('update change set undone_by = ? where owner = ? and number = ?', [by, owner, number])
    return findChange(connection, owner, by)!
  })
}

function checkUndo({ change, type, undoneBy }: MemoryChange, left: number): void {
  const because =
    undoneBy !== undefined
      ? `change ${undoneBy} has undone it`
      : type !== 'add' && type !== 'pin' && type !== 'unpin'
        ? `it is of type ${type}`
        : left === 0
          ? 'its records are gone'
          : undefined
  if (because !== undefined)
    throw new TerminalError(`Change ${change} cannot be undone: ${because}.`, { code: 'cannot_undo' })
}
