import type { Cause } from '../../memory.ts'
import { noProposal } from '../../missing.ts'
import type { MemoryProposal } from '../../owner-memory.ts'
import type { MemoryRecord } from '../../record.ts'
import { nextChange, noteChange, noteChanged } from '../changes.ts'
import type { MemoryConnection } from '../connection.ts'
import { conditionOf, lastFact } from '../filter.ts'
import { RECORD_COLUMNS, type RecordRow, recordOf } from '../rows.ts'
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
  return valid_from !== null && newest?.standing === 1 && newest.valid_from! > valid_from
}

/** Makes a proposal a record, which is known from now on. */
export function acceptProposal(
  connection: MemoryConnection,
  owner: number,
  { id, cause = { type: 'person' } }: { readonly id: string; readonly cause?: Cause },
  now: number,
): MemoryRecord {
  return connection.transaction(owner, () => {
    const row = findProposal(connection, owner, id, now)
    const number = nextChange(connection, owner)
    const known = 'select max(learned_at) last from record where owner = ?'
    const learnedAt = Math.max(now, connection.first<{ readonly last: number }>(known, [owner])!.last)
    // without a time of its own it holds from now on; one that is over keeps the time of the proposal
    const validFrom = row.valid_from ?? ((row.valid_to ?? learnedAt + 1) > learnedAt ? learnedAt : row.learned_at)
    connection.run(
      'update record set proposed = 0, standing = 1, learned_at = ?, valid_from = ? where owner = ? and rid = ?',
      [learnedAt, validFrom, owner, row.rid],
    )
    noteChange(connection, owner, { number, at: now, type: 'add', cause, count: 1 })
    noteChanged(connection, owner, number, [row.rid])
    const terms = indexedTerms(owner, row.text, row.subject)
    connection.run('insert into words(rowid, terms) values(?, ?)', [row.rid, terms])
    return recordOf({ ...row, learned_at: learnedAt, valid_from: validFrom })
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
