import { type Bytes, bytesOf, checkedTexts, splitLast } from '../../../store/database/checked-row.ts'
import type { Database, Value } from '../../../store/database/database.ts'
import type { ActorListQuery, ListedActor } from '../../engine.ts'
import { INBOX_FIELD, indexField, LIST_FIELDS, ROOT_FIELD } from './schema.ts'

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

/** The names and indexes of the actors of a kind that a query picks from the table, in its order; a damaged row is in no list. */
export function listRows(
  database: Database,
  kind: string,
  query: ActorListQuery,
): readonly (readonly [name: string, index: ListedActor['index']])[] {
  const newest = listNewest(database, kind, query)
  return (newest ?? listAll(database, kind, query)).flatMap(listedIn)
}

function listAll(database: Database, kind: string, query: ActorListQuery): readonly ListedRow[] {
  const { where = {}, sort, descending, limit = -1 } = query
  const wanted = Object.entries(where).map(picked)
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

function picked([field, value]: readonly [string, string | number | null]): Condition {
  const indexed = INDEXED.get(field)
  if (indexed !== undefined && value !== null) return { sql: `${indexed} = ?`, values: [value] }
  return { sql: `${FIELD} is ?`, values: [pathOf(field), value] }
}

// an index is used by who says the same
const INDEXED: ReadonlyMap<string, string> = new Map([
  ['root', ROOT_FIELD],
  ['inbox', INBOX_FIELD],
])
const FIELD = indexField('?')
const pathOf = (field: string) => `$."${field}"`

/** The range of names that a list by key goes through: '0' is the character after '/'. */
function inKind(kind: string, { after, sort, descending }: ActorListQuery): Condition {
  const [first, last] = [`${kind}/`, `${kind}0`]
  const sql = 'name > ? and name < ?'
  if (after === undefined || sort !== undefined) return { sql, values: [first, last] }
  return { sql, values: descending ? [first, `${first}${after}`] : [`${first}${after}`, last] }
}

/** What a list by a field has behind a place. Who has no such field comes first. */
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

/** Part of a list, and what it goes by. */
type Range = { readonly sql: string; readonly values: readonly Value[] }

/**
 * The newest of a kind that are not aside, of all or of one owner, in all or of one status, by the indexes for that: what a page costs does not
 * grow with the list, but of those that have completed where these are few. In their order but for those of all, among which nobody's come
 * first. Undefined for any other query.
 */
function listNewest(database: Database, kind: string, query: ActorListQuery): readonly ListedRow[] | undefined {
  if (!isNewest(query)) return undefined
  return amongOf(kind, query.where ?? {}).flatMap((among) => newestOf(database, among, kind, query))
}

function newestOf(database: Database, among: Range, kind: string, query: ActorListQuery): readonly ListedRow[] {
  const { limit = -1 } = query
  const rows: ListedRow[] = []
  for (const range of rangesOf(kind, query)) {
    const left = limit < 0 ? -1 : limit - rows.length
    if (left === 0) break
    const sql = `${among.sql} ${range.sql} order by ${LIST_FIELDS.start} desc, name limit ?`
    rows.push(...database.all<ListedRow>(sql, [...among.values, ...range.values, left]))
  }
  return rows
}

function isNewest({ where = {}, sort, descending }: ActorListQuery): boolean {
  const { owner: _, aside, status, ...others } = where
  return sort === 'startedAt' && descending === true && aside === null && status !== null && isEmpty(others)
}

const isEmpty = (fields: object) => Object.keys(fields).length === 0

function amongOf(kind: string, { owner, status }: NonNullable<ActorListQuery['where']>): readonly Range[] {
  const isRare = status !== undefined && status !== 'completed'
  return ownersOf(owner, isRare).map((owners) => ({
    sql: [
      `select ${LISTED_COLUMNS} from cell indexed by ${owners.index} where ${LIST_FIELDS.kind} = ? and ${LIST_FIELDS.apart}`,
      ...(isRare ? [`and ${LIST_FIELDS.rare}`] : []),
      ...(owners.sql === '' ? [] : [`and ${owners.sql}`]),
      ...(status === undefined ? [] : [`and ${LIST_FIELDS.status} = ?`]),
    ].join(' '),
    values: [`${kind}/`, ...owners.values, ...(status === undefined ? [] : [status])],
  }))
}

/** By which indexes: of all that are not rare, one has nobody's and another those of some owner. */
function ownersOf(owner: Value | undefined, isRare: boolean): readonly (Range & { readonly index: string })[] {
  const ofOne = (one: Value) => ({ sql: `${LIST_FIELDS.owner} is ?`, values: [one] })
  if (owner !== undefined) return [{ index: isRare ? 'cell_rare_owned' : 'cell_owned', ...ofOne(owner) }]
  if (isRare) return [{ index: 'cell_rare', sql: '', values: [] }]
  return [
    { index: 'cell_owned', ...ofOne(null) },
    { index: 'cell_started', sql: LIST_FIELDS.owned, values: [] },
  ]
}

/** What comes behind a place, in order. Who has no start comes last. */
function rangesOf(kind: string, { after, at }: ActorListQuery): readonly Range[] {
  if (after === undefined) return [{ sql: '', values: [] }]
  const name = `${kind}/${after}`
  if (at === undefined) return [{ sql: `and ${LIST_FIELDS.start} is null and name > ?`, values: [name] }]
  return [
    { sql: `and ${LIST_FIELDS.start} <= ? and (${LIST_FIELDS.start} < ? or name > ?)`, values: [at, at, name] },
    { sql: `and ${LIST_FIELDS.start} is null`, values: [] },
  ]
}
