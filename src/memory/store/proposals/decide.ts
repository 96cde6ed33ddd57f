import { type Cause, type MemoryProposal, noProposal } from '../../memory.ts'
import type { MemoryRecord } from '../../record.ts'
import { type MemoryConnection, nextChange, noteChange } from '../connection.ts'
import { conditionOf, lastFact } from '../filter.ts'
import { RECORD_COLUMNS, type RecordRow, recordOf } from '../rows.ts'
import { timeCorrection } from '../upkeep/correct-times.ts'
import { indexedTerms } from '../words.ts'

const WAITS = 'r.proposed = 1 and r.withdrawn_at is null and r.erasure is null and (r.expires is null or r.expires > ?)'

/** The proposals of an owner, the oldest first. */
export function listProposals(
  connection: MemoryConnection,
  owner: number,
  _query: object,
  now: number,
): readonly MemoryProposal[] {
  const rows = connection.all<RecordRow>(
    `select ${RECORD_COLUMNS} from record r where r.owner = ? and ${WAITS} order by r.learned_at, r.rid`,
    [owner, now],
  )
  const held = conditionOf(owner, {}, now)
  const last = lastFact(owner, now)
  const [against, newest] = [held, last].map(({ sql, values }) =>
    connection.allOf<RecordRow>(
      `select ${RECORD_COLUMNS} from record r where ${sql} and r.subject = ? and r.space = ?`,
      rows.map(({ subject, space }) => [...values, subject, space]),
    ),
  )
  return rows.map((row, place) => {
    if (isOver(row, newest![place]![0], now)) return { ...recordOf(row), isOver: true }
    const [fact] = against![place]!
    return { ...recordOf(row), ...(fact && { against: recordOf(fact) }) }
  })
}

/** Whether an accepted fact would not hold any more. A fact of a person that begins later outranks it. */
function isOver({ valid_from, valid_to }: RecordRow, newest: RecordRow | undefined, now: number): boolean {
  if (valid_to !== null && valid_to <= now) return true
  if (valid_from === null || newest?.standing !== 1) return false
  // a fact that was given no time began when it was learned, and that was not later than now
  const begun = newest.valid_from === newest.learned_at ? Math.min(newest.valid_from, now) : newest.valid_from!
  return begun > valid_from
}

/** Makes a proposal a record, which is known from now on. Its row moves behind all others: it was learned last. */
export function acceptProposal(
  connection: MemoryConnection,
  owner: number,
  { id, cause = { type: 'person' } }: { readonly id: string; readonly cause?: Cause },
  now: number,
): MemoryRecord {
  return connection.transaction(owner, () => {
    const row = findProposal(connection, owner, id, now)
    const number = nextChange(connection, owner)
    const correctTimes = timeCorrection(connection, owner, now)
    // without a time of its own it holds from now on; one that is over keeps the time of the proposal
    const validFrom = row.valid_from ?? ((row.valid_to ?? now + 1) > now ? now : row.learned_at)
    correctTimes([{ space: row.space, subject: row.subject! }])
    for (const table of ['vector', 'access', 'cited']) connection.run(`delete from ${table} where rid = ?`, [row.rid])
    connection.run(
      `update record set rid = (select max(rid) from record) + 1, proposed = 0, standing = 1, learned_at = ?,
       valid_from = ?, embedded = '' where owner = ? and rid = ?`,
      [now, validFrom, owner, row.rid],
    )
    connection.run("update sqlite_sequence set seq = (select max(rid) from record) where name = 'record'")
    noteChange(connection, owner, { number, at: now, type: 'add', cause, count: 1 })
    const moved = 'from record where owner = ? and id = ? and withdrawn_at is null and erasure is null'
    connection.run(`insert into change_record(owner, change, rid) select owner, ?, rid ${moved}`, [number, owner, id])
    const terms = indexedTerms(owner, row.text, row.subject)
    connection.run(`insert into words(rowid, terms) select rid, ? ${moved}`, [terms, owner, id])
    return recordOf({ ...row, learned_at: now, valid_from: validFrom })
  })
}

/** A proposal by its id. @throws NotFoundError */
export function getProposal(connection: MemoryConnection, owner: number, id: string, now: number): MemoryRecord {
  return recordOf(findProposal(connection, owner, id, now))
}

function findProposal(connection: MemoryConnection, owner: number, id: string, now: number): RecordRow {
  const sql = `select ${RECORD_COLUMNS} from record r where r.owner = ? and r.id = ? and ${WAITS}`
  const row = connection.first<RecordRow>(sql, [owner, id, now])
  if (!row) throw noProposal(id)
  return row
}

/** The names of the owners of which something waits. */
export const ownersWithProposals = (connection: MemoryConnection): readonly string[] =>
  connection
    .all<{ readonly name: string }>(
      `select distinct o.name from record r join owner o on o.number = r.owner
       where r.proposed = 1 and r.withdrawn_at is null and r.erasure is null`,
    )
    .map(({ name }) => name)
