import { standingOf } from '../limits.ts'
import type { AddedRecords, AddOptions, Cause } from '../memory.ts'
import type { NewRecord } from '../record.ts'
import { firstTier } from '../tier/decide.ts'
import { noteCitations } from './asks/cited.ts'
import { checkPinned } from './asks/pinned.ts'
import { type MemoryConnection, nextChange, noteChange } from './connection.ts'
import { type DecidedRecord, decideAdd } from './decide-add.ts'
import { expireDue } from './erase.ts'
import { noteWrite, openOwner } from './owners.ts'
import { checkProposals } from './proposals/contested.ts'
import { timeCorrection } from './upkeep/correct-times.ts'
import { headingOf, indexedTerms, insertWords } from './words.ts'
import { withdraw } from './write.ts'

/** Adds records in one transaction: it reads, decides, and then writes. `trusted`: the time by which records expire. */
export function add(
  connection: MemoryConnection,
  name: string,
  records: readonly NewRecord[],
  { source = { type: 'user' }, cause = { type: 'person' }, begunAt, cites, replaces = false, key }: AddOptions,
  now: number,
  trusted = now,
): AddedRecords {
  const owner = openOwner(connection, name)
  // an expired fact ends older ones as an erased one does, so it goes first
  expireDue(connection, owner, trusted)
  // a record that is hidden does not keep its id, even while the clock is not trusted
  if (trusted < now) {
    const ids = records.flatMap(({ id }) => id ?? [])
    if (ids.length > 0) expireDue(connection, owner, now, ids)
  }
  return connection.transaction(owner, () => {
    const earlier = key === undefined ? undefined : findMade(connection, owner, { key, cause })
    if (earlier) return earlier
    const change = nextChange(connection, owner)
    const correctTimes = timeCorrection(connection, owner, now)
    const decided = decideAdd(connection, owner, records, { source, now, begunAt, replaces })
    const added = decided.filter(({ isNew, isProposed }) => isNew && !isProposed)
    const proposed = decided.filter(({ isNew, isProposed }) => isNew && isProposed)
    checkProposals(connection, owner, proposed.length)
    checkPinned(
      connection,
      owner,
      added.filter(({ pinned, keepsPin = false }) => pinned && !keepsPin),
      now,
    )
    correctTimes(added.flatMap(({ space, subject }) => (subject === undefined ? [] : [{ space, subject }])))
    if (added.length > 0)
      noteChange(connection, owner, { number: change, at: now, type: 'add', cause, count: added.length })
    for (const record of added) insert(connection, owner, change, record, key)
    for (const record of proposed) insertRow(connection, owner, record, key)
    for (const record of added)
      insertWords(connection, owner, record.id, indexedTerms(owner, record.text, headingOf(record)))
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

/** Finds the outcome of an earlier add with this key. Its record may have ended or been undone since. */
function findMade(
  connection: MemoryConnection,
  owner: number,
  { key, cause }: { readonly key: string; readonly cause: Cause },
): AddedRecords | undefined {
  const made = connection.first<{ readonly id: string; readonly proposed: number; readonly change: number | null }>(
    `select r.id, r.proposed, (select min(c.number) from change_record s
       join change c on c.owner = s.owner and c.number = s.change
       where s.owner = r.owner and s.rid = r.rid and c.type = 'add' and c.cause = ?) change
     from record r where r.owner = ? and r.write_key = ? and r.erasure is null`,
    [JSON.stringify(cause), owner, key],
  )
  if (!made) return undefined
  const { id, proposed, change } = made
  return { records: [{ id, status: proposed === 1 ? 'proposed' : 'added' }], ...(change !== null && { change }) }
}

function insert(
  connection: MemoryConnection,
  owner: number,
  change: number,
  record: DecidedRecord,
  key: string | undefined,
): void {
  const { replaces, learnedAt } = record
  if (replaces !== undefined) withdraw(connection, owner, replaces, learnedAt)
  if (replaces !== undefined) connection.run('insert into change_record values(?, ?, ?, 1)', [owner, change, replaces])
  insertRow(connection, owner, record, key)
  // a table without row ids does not move last_insert_rowid()
  connection.run('insert into change_record(owner, change, rid) values(?, ?, last_insert_rowid())', [owner, change])
}

function insertRow(connection: MemoryConnection, owner: number, record: DecidedRecord, key: string | undefined): void {
  const { id, hash, space, kind, text, data, subject, importance, pinned = false, learnedAt } = record
  const { source, validFrom, validTo, expires } = record
  const row = [
    [owner, id, hash, space, kind, text],
    [data === undefined ? null : JSON.stringify(data), subject ?? null, importance ?? null, pinned ? 1 : 0],
    [record.isProposed ? 1 : 0, standingOf(source), JSON.stringify(source), source.ref ?? null, learnedAt],
    [
      // a proposal without a time of its own begins when it is accepted
      subject === undefined ? null : (validFrom ?? (record.isProposed ? null : learnedAt)),
      validTo ?? null,
      expires ?? null,
      firstTier(kind),
      key ?? null,
    ],
  ].flat()
  connection.run(
    `insert into record(owner, id, hash, space, kind, text, data, subject, importance, pinned, proposed, standing, source, source_ref,
     learned_at, valid_from, valid_to, expires, tier, write_key) values(${row.map(() => '?').join()})`,
    row,
  )
}
