import { type Bytes, bytesOf, checkedTexts, splitLast } from '../../../store/database/checked-row.ts'
import type { Database, Value } from '../../../store/database/database.ts'
import type { ActorListQuery, ListedActor } from '../../engine.ts'
import { chooseIndexes, type IndexRead } from './choose-index.ts'
import { fieldOf, indexField, indexName, KIND, type ListIndexes, rowsOfIndex } from './list-indexes.ts'

/** The columns of an actor's name and index that `listedIn` reads. */
const LISTED_COLUMNS = `${bytesOf('name', 'index_fields')} row, index_sum sum`
type ListedRow = { readonly row: Bytes; readonly sum: number }

/** An actor's name and index; nothing when its row is damaged. */
function listedIn({ row, sum }: ListedRow): readonly (readonly [name: string, index: ListedActor['index']])[] {
  const texts = checkedTexts(row, sum)
  if (!texts) return []
  const [name, listed] = splitLast(texts)
  return [[name, JSON.parse(listed)]]
}

type Condition = { readonly sql: string; readonly values: readonly (string | number | null)[] }

/** Rows of one index, in the order of the query. `isCut`: there may be more, which come after the last one. */
export type ListedRows = {
  readonly rows: readonly (readonly [name: string, index: ListedActor['index']])[]
  readonly isCut: boolean
}

/**
 * The names and indexes of the actors that a query selects from the table, for each index that covers a part of them.
 * No list contains a damaged row.
 */
export function listRows(
  database: Database,
  indexes: ListIndexes | undefined,
  kind: string,
  query: ActorListQuery,
): readonly ListedRows[] {
  const newest = listNewest(database, indexes, kind, query)
  return (newest ?? [listAll(database, indexes, kind, query)]).map((rows) => ({
    rows: rows.flatMap(listedIn),
    isCut: rows.length === query.limit,
  }))
}

function listAll(
  database: Database,
  indexes: ListIndexes | undefined,
  kind: string,
  query: ActorListQuery,
): readonly ListedRow[] {
  const { where = {}, sort, descending, limit = -1 } = query
  const wanted = Object.entries(where).map((one) => picked(indexes, one))
  const conditions = [
    inKind(kind, query),
    { sql: 'index_fields is not null', values: [] },
    ...wanted,
    ...behind(kind, query),
  ]
  const sql = [
    `select ${LISTED_COLUMNS} from cell where`,
    conditions.map((condition) => condition.sql).join(' and '),
    `order by ${sort === undefined ? 'name' : FIELD} ${descending ? 'desc' : 'asc'}, name limit ?`,
  ].join(' ')
  const values = [...conditions.flatMap((condition) => condition.values), ...(sort === undefined ? [] : [pathOf(sort)])]
  return database.all<ListedRow>(sql, [...values, limit])
}

function picked(
  indexes: ListIndexes | undefined,
  [field, value]: readonly [string, string | number | null],
): Condition {
  // SQLite uses the index only for the same expression
  if (value !== null && hasOwnIndex(indexes, field)) return { sql: `${fieldOf(field)} = ?`, values: [value] }
  return { sql: `${FIELD} is ?`, values: [pathOf(field), value] }
}

function hasOwnIndex(indexes: ListIndexes | undefined, field: string): boolean {
  return indexes?.lists.some(({ equal, newest }) => newest === undefined && equal[0] === field) ?? false
}

const FIELD = indexField('?')
const pathOf = (field: string) => `$."${field}"`

/** The range of names that a list by key covers: '0' is the character after '/'. */
function inKind(kind: string, { after, prefix, sort, descending }: ActorListQuery): Condition {
  const begin = `${kind}/`
  const [first, last] = prefix === undefined ? [begin, `${kind}0`] : [begin + prefix, `${begin}${prefix}\u{10ffff}`]
  const sql = 'name > ? and name < ?'
  if (after === undefined || sort !== undefined) return { sql, values: [first, last] }
  if (prefix !== undefined)
    return { sql: `${sql} and name ${descending ? '<' : '>'} ?`, values: [first, last, begin + after] }
  return { sql, values: descending ? [first, begin + after] : [begin + after, last] }
}

/** Conditions for rows after a cursor in a list sorted by a field. Rows without the field come first. */
function behind(kind: string, { after, at, sort, descending }: ActorListQuery): readonly Condition[] {
  if (after === undefined || sort === undefined) return []
  const [field, name] = [pathOf(sort), `${kind}/${after}`]
  const equal = { sql: `(${FIELD} is ? and name > ?)`, values: [field, at ?? null, name] }
  return [eitherOf([equal, ...further(field, at, descending)])]
}

function further(
  field: string,
  at: string | number | undefined,
  descending: boolean | undefined,
): readonly Condition[] {
  if (at === undefined) return descending ? [] : [{ sql: `${FIELD} is not null`, values: [field] }]
  const beyond = { sql: `${FIELD} ${descending ? '<' : '>'} ?`, values: [field, at] }
  return descending ? [beyond, { sql: `${FIELD} is null`, values: [field] }] : [beyond]
}

function eitherOf(conditions: readonly Condition[]): Condition {
  return {
    sql: `(${conditions.map(({ sql }) => sql).join(' or ')})`,
    values: conditions.flatMap(({ values }) => values),
  }
}

/** A part of a list, as SQL. */
type Range = { readonly sql: string; readonly values: readonly Value[] }

/**
 * A list that is sorted by a field, newest first, when indexes cover it: a page costs the same however long the list
 * is. Rows are in order within every index. Undefined for any other query.
 */
function listNewest(
  database: Database,
  indexes: ListIndexes | undefined,
  kind: string,
  query: ActorListQuery,
): readonly (readonly ListedRow[])[] | undefined {
  const reads = indexes && chooseIndexes(indexes, query)
  return reads?.map((read) => newestIn(database, read, kind, query))
}

function newestIn(database: Database, read: IndexRead, kind: string, query: ActorListQuery): readonly ListedRow[] {
  const { limit = -1 } = query
  const among = rangeOf(read, kind)
  const start = fieldOf(read.index.newest!)
  const rows: ListedRow[] = []
  for (const range of rangesAfter(kind, start, query)) {
    const left = limit < 0 ? -1 : limit - rows.length
    if (left === 0) break
    const sql = `${among.sql} ${range.sql} order by ${start} desc, name limit ?`
    rows.push(...database.all<ListedRow>(sql, [...among.values, ...range.values, left]))
  }
  return rows
}

/** The rows of an index that belong to a list. A field that is missing in all rows of the index needs no condition. */
function rangeOf({ index, where }: IndexRead, kind: string): Range {
  const compared = Object.entries(where).flatMap(([field, value]) =>
    value === undefined || index.where[field] === 'absent' ? [] : [{ sql: `${fieldOf(field)} is ?`, value }],
  )
  const from = `from cell indexed by ${indexName(index)}`
  return {
    sql: [
      `select ${LISTED_COLUMNS} ${from} where ${KIND} = ? and ${rowsOfIndex(index)}`,
      ...compared.map(({ sql }) => `and ${sql}`),
    ].join(' '),
    values: [`${kind}/`, ...compared.map(({ value }) => value)],
  }
}

/** The ranges of rows after a cursor, in order. Rows without the field come last. */
function rangesAfter(kind: string, start: string, { after, at }: ActorListQuery): readonly Range[] {
  if (after === undefined) return [{ sql: '', values: [] }]
  const name = `${kind}/${after}`
  if (at === undefined) return [{ sql: `and ${start} is null and name > ?`, values: [name] }]
  return [
    { sql: `and ${start} <= ? and (${start} < ? or name > ?)`, values: [at, at, name] },
    { sql: `and ${start} is null`, values: [] },
  ]
}
