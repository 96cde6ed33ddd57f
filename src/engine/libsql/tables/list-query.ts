import { type Bytes, bytesOf, checkedTexts, splitLast } from '../../../store/database/checked-row.ts'
import type { Database, Value } from '../../../store/database/database.ts'
import type { ActorListQuery, ListedActor } from '../../engine.ts'
import type { ListIndex, ListIndexes } from './list-indexes.ts'
import { fieldOf, indexField, indexName, KIND, rowsOfIndex, sortOf } from './list-indexes.ts'

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

/** The names and indexes of stored actors that a query selects, by index. No list contains a damaged row. */
export function listRows(
  database: Database,
  indexes: ListIndexes | undefined,
  kind: string,
  query: ActorListQuery,
): readonly ListedRows[] {
  const sorted = listSorted(database, indexes, kind, query)
  return (sorted ?? [listAll(database, indexes, kind, query)]).map((rows) => ({
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
  return indexes?.lists.some((index) => sortOf(index) === undefined && index.equal[0] === field) ?? false
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
 * A list that is sorted by a field when indexes cover it: a page costs the same however long the list is. Rows are in
 * order within every index. Undefined for any other query.
 */
function listSorted(
  database: Database,
  indexes: ListIndexes | undefined,
  kind: string,
  query: ActorListQuery,
): readonly (readonly ListedRow[])[] | undefined {
  const reads = indexes && chooseIndexes(indexes, query)
  return reads?.map((read) => sortedIn(database, read, kind, query))
}

function sortedIn(database: Database, read: IndexRead, kind: string, query: ActorListQuery): readonly ListedRow[] {
  const { limit = -1, descending } = query
  const among = rangeOf(read, kind)
  const start = fieldOf(sortOf(read.index)!)
  const rows: ListedRow[] = []
  for (const range of rangesAfter(kind, start, query)) {
    const left = limit < 0 ? -1 : limit - rows.length
    if (left === 0) break
    const sql = `${among.sql} ${range.sql} order by ${start} ${descending ? 'desc' : 'asc'}, name limit ?`
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

/** The ranges of rows after a cursor, in order. Rows without the field come last, and in an ascending list first. */
function rangesAfter(kind: string, start: string, { after, at, descending }: ActorListQuery): readonly Range[] {
  if (after === undefined) return [{ sql: '', values: [] }]
  const name = `${kind}/${after}`
  const others = { sql: `and ${start} is ${descending ? '' : 'not '}null`, values: [] }
  if (at === undefined)
    return [{ sql: `and ${start} is null and name > ?`, values: [name] }, ...(descending ? [] : [others])]
  const sign = descending ? '<' : '>'
  const range = { sql: `and ${start} ${sign}= ? and (${start} ${sign} ? or name > ?)`, values: [at, at, name] }
  return descending ? [range, others] : [range]
}

/** An index to read, and the values that its fields must have. */
type IndexRead = { readonly index: ListIndex; readonly where: Wanted }

/** The value that a field must have; null: the field must be missing; undefined: any value. */
type Wanted = { readonly [field: string]: string | number | null | undefined }

/**
 * The indexes to read, one after the other, for a list that is sorted by a field. Undefined when no index covers the
 * list. Two indexes cover a list together when one has the rows without a field and the other the rows with it.
 */
function chooseIndexes(indexes: ListIndexes, query: ActorListQuery): readonly IndexRead[] | undefined {
  const { where = {}, sort, descending } = query
  if (sort === undefined) return undefined
  const sorted = indexes.lists.filter(({ newest, oldest }) => (descending ? newest : oldest) === sort)
  const whole = sorted.find((index) => covers(index, where))
  if (whole) return [{ index: whole, where }]
  for (const field of fieldsPresent(sorted)) {
    if (field in where) continue
    const without = { ...where, [field]: null }
    const having = { ...where, [field]: undefined }
    const [first, second] = [without, having].map((half) => sorted.find((index) => covers(index, half)))
    if (first && second)
      return [
        { index: first, where: without },
        { index: second, where },
      ]
  }
  return undefined
}

function fieldsPresent(indexes: readonly ListIndex[]): readonly string[] {
  return indexes.flatMap(({ where }) => Object.keys(where).filter((field) => where[field] === 'present'))
}

/** Whether the index contains every row of a list, judged by the fields that the list compares. */
function covers({ equal, where, mostly = {}, oldest }: ListIndex, wanted: Wanted): boolean {
  const holds = Object.entries(where).every(([field, condition]) => {
    if (!(field in wanted)) return false
    const value = wanted[field]
    if (condition === 'absent') return value === null
    if (condition === 'present') return value !== null
    return value !== null && value !== undefined && value !== condition.not
  })
  const isCompared = (field: string, value: Wanted[string]) =>
    equal.includes(field) ||
    oldest !== undefined ||
    where[field] === 'absent' ||
    value === undefined ||
    mostly[field] === value
  const named = Object.entries(wanted)
  return (
    holds &&
    equal.every((field) => field in wanted && wanted[field] !== undefined) &&
    named.every(([field, value]) => isCompared(field, value)) &&
    named.every(([field, value]) => value !== undefined || where[field] === 'present')
  )
}
