import type { Database } from '../../../store/database/database.ts'
import type { Listed, Query } from '../../engine.ts'
import { listNewest } from './list-newest.ts'
import { LISTED_COLUMNS, type ListedRow, listedIn } from './listed-row.ts'
import { BELOW, fieldOf, INBOX } from './schema.ts'

type Condition = { readonly sql: string; readonly values: readonly (string | number | null)[] }

/** The names and indexes of the actors of a kind that a query picks from the table, in its order; a damaged row is in no list. */
export function listRows(
  database: Database,
  kind: string,
  query: Query,
): readonly (readonly [name: string, index: Listed['index']])[] {
  const newest = listNewest(database, kind, query)
  return (newest ?? listAll(database, kind, query)).flatMap(listedIn)
}

function listAll(database: Database, kind: string, query: Query): readonly ListedRow[] {
  const { where = {}, sort, descending, limit = -1 } = query
  const wanted = Object.entries(where).map(picked)
  const conditions = [inKind(kind, query), { sql: 'listed is not null', values: [] }, ...wanted, ...behind(kind, query)]
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
  ['root', BELOW],
  ['inbox', INBOX],
])
const FIELD = fieldOf('?')
const pathOf = (field: string) => `$."${field}"`

/** The range of names that a list by key goes through: '0' is the character after '/'. */
function inKind(kind: string, { after, sort, descending }: Query): Condition {
  const [first, last] = [`${kind}/`, `${kind}0`]
  const sql = 'name > ? and name < ?'
  if (after === undefined || sort !== undefined) return { sql, values: [first, last] }
  return { sql, values: descending ? [first, `${first}${after}`] : [`${first}${after}`, last] }
}

/** What a list by a field has behind a place. Who has no such field comes first. */
function behind(kind: string, { after, at, sort, descending }: Query): readonly Condition[] {
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
