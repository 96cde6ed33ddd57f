import { InvalidError } from '../../errors.ts'
import { type FactEnd, factHistory } from '../fact-history.ts'
import { damagedRecord, type MemoryChange, noRecord, type RecordPage, type RecordWithHistory } from '../memory.ts'
import type { MemoryRecord, RecordFilter } from '../record.ts'
import { citationsOf } from './asks/cited.ts'
import type { MemoryConnection } from './connection.ts'
import { conditionOf } from './filter.ts'
import { damageOf, factOf, RECORD_COLUMNS, type RecordRow, recordOf } from './rows.ts'

/** Records that pass a filter, the newest first. */
export function list(
  connection: MemoryConnection,
  owner: number,
  { limit = 100, after, ...filter }: RecordFilter & RecordPage,
  now: number,
): readonly MemoryRecord[] {
  const { sql, values } = conditionOf(owner, filter, now)
  const last = after === undefined ? undefined : ridOf(connection, owner, after)
  const rows = connection.all<RecordRow>(
    `select ${RECORD_COLUMNS} from record r where ${sql} and r.rid < ? order by r.rid desc limit ?`,
    [...values, last ?? Number.MAX_SAFE_INTEGER, limit],
  )
  return rows.map((row) => recordOf(row))
}

function ridOf(connection: MemoryConnection, owner: number, id: string): number {
  const row = connection.first<{ readonly rid: number }>('select max(rid) rid from record where owner = ? and id = ?', [
    owner,
    id,
  ])
  if (row?.rid) return row.rid
  throw new InvalidError(`Expected the id of a record after which to continue, got ${id}.`, { code: 'bad_cursor' })
}

/** The row of a record that its owner can see. @throws an error `record_quarantined` if it is damaged */
export function findRow(connection: MemoryConnection, owner: number, id: string, now: number): RecordRow | undefined {
  const row = connection.first<RecordRow>(
    `select ${RECORD_COLUMNS} from record r where r.owner = ? and r.id = ? and r.withdrawn_at is null
     and r.proposed = 0 and r.erasure is null and (r.expires is null or r.expires > ?)`,
    [owner, id, now],
  )
  const damage = row && damageOf(row)
  if (damage !== undefined) throw damagedRecord(id, damage)
  return row
}

/** A record with all facts about its subject. */
export function get(connection: MemoryConnection, owner: number, id: string, now: number): RecordWithHistory {
  const row = findRow(connection, owner, id, now)
  if (!row) throw noRecord(id)
  const citedBy = citationsOf(connection, row.rid)
  if (row.subject === null) return { ...recordOf(row), history: [], citedBy }
  const rows = connection.all<RecordRow>(
    `select ${RECORD_COLUMNS} from record r where r.owner = ? and r.subject = ? and r.space = ?
     and r.proposed = 0 and r.withdrawn_at is null and r.erasure is null`,
    [owner, row.subject, row.space],
  )
  const ends = connection.allOf<FactEnd>(
    'select valid at, known knownAt from fact_end where rid = ?',
    rows.map(({ rid }) => [rid]),
  )
  const history = factHistory(rows.map((one, place) => factOf(one, ends[place]!)))
  const isShown = (one: RecordRow) => (one.expires ?? now + 1) > now && damageOf(one) === undefined
  const own = history.find(({ fact }) => fact.row.rid === row.rid)
  // it was erased between the queries
  if (!own) throw noRecord(id)
  return {
    ...recordOf(row, own),
    citedBy,
    history: history.flatMap(({ fact, ...end }) => (isShown(fact.row) ? [recordOf(fact.row, end)] : [])),
  }
}

type ChangeRow = {
  readonly number: number
  readonly at: number
  readonly type: MemoryChange['type']
  readonly cause: string
  readonly count: number
  readonly undoes: number | null
  readonly undone_by: number | null
}

/** Records of a change that a list shows. */
const MAX_SHOWN = 100

/** The changes of an owner, the newest first. */
export function listChanges(
  connection: MemoryConnection,
  owner: number,
  { after = Number.MAX_SAFE_INTEGER, limit = 100 }: { readonly after?: number; readonly limit?: number },
): readonly MemoryChange[] {
  const rows = connection.all<ChangeRow>(
    'select * from change where owner = ? and number < ? order by number desc limit ?',
    [owner, after, limit],
  )
  return changesOf(connection, owner, rows)
}

/** One change; undefined when the owner has none with that number. */
export function findChange(connection: MemoryConnection, owner: number, number: number): MemoryChange | undefined {
  const rows = connection.all<ChangeRow>('select * from change where owner = ? and number = ?', [owner, number])
  return changesOf(connection, owner, rows)[0]
}

function changesOf(connection: MemoryConnection, owner: number, rows: readonly ChangeRow[]): readonly MemoryChange[] {
  const records = connection.allOf<{ readonly id: string; readonly text: string }>(
    `select r.id, r.text from change_record c join record r on r.rid = c.rid
     where c.owner = ? and c.change = ? and c.replaced = 0 and r.erasure is null order by c.rid limit ?`,
    rows.map(({ number }) => [owner, number, MAX_SHOWN]),
  )
  return rows.map((row, place) => ({
    change: row.number,
    at: row.at,
    type: row.type,
    cause: JSON.parse(row.cause),
    records: records[place]!,
    count: row.count,
    ...(row.undoes !== null && { undoes: row.undoes }),
    ...(row.undone_by !== null && { undoneBy: row.undone_by }),
  }))
}
