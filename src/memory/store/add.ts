import type { AddedRecords, AddOptions } from '../memory.ts'
import type { NewRecord } from '../record.ts'
import { firstTier } from '../tier/decide.ts'
import { noteCitations } from './asks/cited.ts'
import { checkPinned } from './asks/pinned.ts'
import { nextChange, noteChange } from './changes.ts'
import type { MemoryConnection } from './connection.ts'
import { type DecidedRecord, decideAdd } from './decide-add.ts'
import { expireDue } from './erase.ts'
import { noteWrite, openOwner } from './owners.ts'
import { checkProposals } from './proposals/contested.ts'
import { indexedTerms } from './words.ts'
import { withdraw } from './write.ts'

/** Adds records in one transaction: it reads and decides first, and then writes. */
export function add(
  connection: MemoryConnection,
  name: string,
  records: readonly NewRecord[],
  { source = { type: 'user' }, cause = { type: 'person' }, begunAt, cites, replaces = false }: AddOptions,
  now: number,
): AddedRecords {
  const owner = openOwner(connection, name)
  // an expired fact ends older ones as an erased one does, so it goes first
  expireDue(connection, owner, now)
  return connection.transaction(owner, () => {
    const change = nextChange(connection, owner)
    const decided = decideAdd(connection, owner, records, { source, now, begunAt: begunAt ?? now, replaces })
    const added = decided.filter(({ isNew, isProposed }) => isNew && !isProposed)
    const proposed = decided.filter(({ isNew, isProposed }) => isNew && isProposed)
    checkProposals(connection, owner, proposed.length)
    checkPinned(
      connection,
      owner,
      added.filter(({ pinned }) => pinned),
      now,
    )
    if (added.length > 0)
      noteChange(connection, owner, { number: change, at: now, type: 'add', cause, count: added.length })
    for (const record of added) insert(connection, owner, change, record)
    for (const record of proposed) insertRow(connection, owner, record)
    if (added.length + proposed.length > 0) noteWrite(connection, owner, now)
    if (cites) noteCitations(connection, owner, cites, now)
    return {
      records: decided.map(({ id, isNew, isProposed }) => ({
        id,
        status: isProposed ? 'proposed' : isNew ? 'added' : 'same',
      })),
      ...(added.length > 0 && { change }),
    }
  })
}

function insert(connection: MemoryConnection, owner: number, change: number, record: DecidedRecord): void {
  const { text, subject = null, replaces, learnedAt } = record
  if (replaces !== undefined) withdraw(connection, owner, replaces, learnedAt)
  if (replaces !== undefined) connection.run('insert into change_record values(?, ?, ?, 1)', [owner, change, replaces])
  insertRow(connection, owner, record)
  // a table without row ids does not move last_insert_rowid()
  connection.run('insert into change_record(owner, change, rid) values(?, ?, last_insert_rowid())', [owner, change])
  const terms = indexedTerms(owner, text, subject)
  connection.run('insert into words(rowid, terms) values(last_insert_rowid(), ?)', [terms])
}

function insertRow(connection: MemoryConnection, owner: number, record: DecidedRecord): void {
  const { id, hash, space, kind, text, data, subject, importance, pinned = false, learnedAt } = record
  const { source, validFrom, validTo, expires } = record
  const row = [
    [owner, id, hash, space, kind, text],
    [data === undefined ? null : JSON.stringify(data), subject ?? null, importance ?? null, pinned ? 1 : 0],
    [record.isProposed ? 1 : 0, JSON.stringify(source), source.ref ?? null, learnedAt],
    [subject === undefined ? null : (validFrom ?? learnedAt), validTo ?? null, expires ?? null, firstTier(kind)],
  ].flat()
  connection.run(
    `insert into record(owner, id, hash, space, kind, text, data, subject, importance, pinned, proposed, source, source_ref,
     learned_at, valid_from, valid_to, expires, tier) values(${row.map(() => '?').join()})`,
    row,
  )
}
