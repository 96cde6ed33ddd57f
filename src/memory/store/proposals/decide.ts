import type { Cause } from '../../memory.ts'
import { noProposal } from '../../missing.ts'
import type { MemoryProposal } from '../../owner-memory.ts'
import type { MemoryRecord } from '../../record.ts'
import { nextChange, noteChange, noteChanged } from '../changes.ts'
import type { MemoryConnection } from '../connection.ts'
import { conditionOf } from '../filter.ts'
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
  const against = connection.allOf<RecordRow>(
    `select ${RECORD_COLUMNS} from record r where ${held.sql} and r.subject = ? and r.space = ?`,
    rows.map(({ subject, space }) => [...held.values, subject, space]),
  )
  return rows.map((row, place) => {
    const [fact] = against[place]!
    return { ...recordOf(row), ...(fact && { against: recordOf(fact) }) }
  })
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
    connection.run('update record set proposed = 0, learned_at = ? where owner = ? and rid = ?', [
      learnedAt,
      owner,
      row.rid,
    ])
    noteChange(connection, owner, { number, at: now, type: 'add', cause, count: 1 })
    noteChanged(connection, owner, number, [row.rid])
    const terms = indexedTerms(owner, row.text, row.subject)
    connection.run('insert into words(rowid, terms) values(?, ?)', [row.rid, terms])
    return recordOf({ ...row, learned_at: learnedAt })
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
