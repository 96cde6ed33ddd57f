import { TerminalError } from '../../errors.ts'
import { checkMayPin } from '../limits.ts'
import { type Cause, type MemoryChange, noChange, noRecord } from '../memory.ts'
import type { MemoryRecord } from '../record.ts'
import { checkPinned } from './asks/pinned.ts'
import { type MemoryConnection, nextChange, noteChange, noteChanged } from './connection.ts'
import { capAsked, dropEmptySources } from './documents/source-rows.ts'
import { findChange, findRow } from './read.ts'
import { recordOf } from './rows.ts'
import { undoImport } from './transfer/import-rows.ts'
import { HEADING, indexedTerms } from './words.ts'

const PERSON: Cause = { type: 'person' }

/** Pins or unpins a record. Without a difference nothing changes. */
export function pin(
  connection: MemoryConnection,
  owner: number,
  { id, pinned, cause = PERSON }: { readonly id: string; readonly pinned: boolean; readonly cause?: Cause },
  now: number,
): MemoryRecord {
  return connection.transaction(owner, () => {
    const row = findRow(connection, owner, id, now)
    if (!row) throw noRecord(id)
    if (pinned) checkMayPin(JSON.parse(row.source))
    if ((row.pinned === 1) !== pinned) {
      if (pinned) checkPinned(connection, owner, [row], now)
      const number = nextChange(connection, owner)
      setPinned(connection, owner, row.rid, pinned)
      noteChange(connection, owner, { number, at: now, type: pinned ? 'pin' : 'unpin', cause, count: 1 })
      noteChanged(connection, owner, number, [row.rid])
    }
    return recordOf({ ...row, pinned: pinned ? 1 : 0 })
  })
}

function setPinned(connection: MemoryConnection, owner: number, rid: number, pinned: boolean): void {
  connection.run('update record set pinned = ?, version = version + 1 where owner = ? and rid = ?', [
    pinned ? 1 : 0,
    owner,
    rid,
  ])
}

/** Takes back an add or a pin. */
export function undo(
  connection: MemoryConnection,
  owner: number,
  { change: number, cause = PERSON }: { readonly change: number; readonly cause?: Cause },
  now: number,
): MemoryChange {
  const by = connection.transaction(owner, () => {
    const change = findChange(connection, owner, number)
    if (!change) throw noChange(number)
    const isImport = change.type === 'add' && change.cause.type === 'import'
    const rids = connection
      .all<{ readonly rid: number }>(
        `select c.rid from change_record c join record r on r.rid = c.rid
         where c.owner = ? and c.change = ? and c.replaced = 0 and r.erasure is null
         and (r.withdrawn_at is null ${isImport ? 'or r.withdrawn_at > r.learned_at' : ''})`,
        [owner, number],
      )
      .map(({ rid }) => rid)
    checkUndo(change, rids.length)
    if (change.type === 'unpin') checkPinned(connection, owner, change.records, now)
    const restored = isImport ? [] : replacedBy(connection, owner, number)
    const next = nextChange(connection, owner)
    if (isImport) undoImport(connection, owner, number)
    else
      for (const rid of rids) {
        if (change.type !== 'add') setPinned(connection, owner, rid, change.type === 'unpin')
        else withdraw(connection, owner, rid, now)
      }
    for (const { rid, text, heading } of restored) {
      connection.run('update record set withdrawn_at = null where owner = ? and rid = ?', [owner, rid])
      connection.run('insert into words(rowid, terms) values(?, ?)', [rid, indexedTerms(owner, text, heading)])
    }
    dropEmptySources(connection, owner)
    capAsked(connection, owner, now)
    noteChange(connection, owner, { number: next, at: now, type: 'undo', cause, count: rids.length, undoes: number })
    noteChanged(connection, owner, next, rids)
    connection.run('update change set undone_by = ? where owner = ? and number = ?', [next, owner, number])
    return next
  })
  return findChange(connection, owner, by)!
}

/** Withdraws a record. Its row stays, for queries about the past. */
export function withdraw(connection: MemoryConnection, owner: number, rid: number, now: number): void {
  connection.run('update record set withdrawn_at = ? where owner = ? and rid = ?', [now, owner, rid])
  connection.run('delete from words where rowid = ?', [rid])
}

type ReplacedRow = { readonly rid: number; readonly text: string; readonly heading: string | null }

/** Records that those of a change have replaced. */
function replacedBy(connection: MemoryConnection, owner: number, change: number): readonly ReplacedRow[] {
  return connection.all<ReplacedRow>(
    `select r.rid, r.text, ${HEADING} heading from change_record c join record r on r.rid = c.rid
     where c.owner = ? and c.change = ? and c.replaced = 1 and r.erasure is null`,
    [owner, change],
  )
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
