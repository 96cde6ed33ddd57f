import type { Database, Value } from '../../../store/database/database.ts'
import type { Query } from '../../engine.ts'
import { LISTED_COLUMNS, type ListedRow } from './listed-row.ts'
import { LISTED } from './schema.ts'

/** Part of a list, and what it goes by. */
type Range = { readonly sql: string; readonly values: readonly Value[] }

/**
 * The newest of a kind that are not aside, of all or of one owner, in all or of one status, by the indexes for that: what a page costs does not
 * grow with the list, but of those that have completed where these are few. In their order but for those of all, among which nobody's come
 * first. Undefined for any other query.
 */
export function listNewest(database: Database, kind: string, query: Query): readonly ListedRow[] | undefined {
  if (!isNewest(query)) return undefined
  return amongOf(kind, query.where ?? {}).flatMap((among) => newestOf(database, among, kind, query))
}

function newestOf(database: Database, among: Range, kind: string, query: Query): readonly ListedRow[] {
  const { limit = -1 } = query
  const rows: ListedRow[] = []
  for (const range of rangesOf(kind, query)) {
    const left = limit < 0 ? -1 : limit - rows.length
    if (left === 0) break
    const sql = `${among.sql} ${range.sql} order by ${LISTED.start} desc, name limit ?`
    rows.push(...database.all<ListedRow>(sql, [...among.values, ...range.values, left]))
  }
  return rows
}

function isNewest({ where = {}, sort, descending }: Query): boolean {
  const { owner: _, aside, status, ...others } = where
  return sort === 'startedAt' && descending === true && aside === null && status !== null && isEmpty(others)
}

const isEmpty = (fields: object) => Object.keys(fields).length === 0

function amongOf(kind: string, { owner, status }: NonNullable<Query['where']>): readonly Range[] {
  const isRare = status !== undefined && status !== 'completed'
  return ownersOf(owner, isRare).map((owners) => ({
    sql: [
      `select ${LISTED_COLUMNS} from cell indexed by ${owners.index} where ${LISTED.kind} = ? and ${LISTED.apart}`,
      ...(isRare ? [`and ${LISTED.rare}`] : []),
      ...(owners.sql === '' ? [] : [`and ${owners.sql}`]),
      ...(status === undefined ? [] : [`and ${LISTED.status} = ?`]),
    ].join(' '),
    values: [`${kind}/`, ...owners.values, ...(status === undefined ? [] : [status])],
  }))
}

/** By which indexes: of all that are not rare, one has nobody's and another those of some owner. */
function ownersOf(owner: Value | undefined, isRare: boolean): readonly (Range & { readonly index: string })[] {
  const ofOne = (one: Value) => ({ sql: `${LISTED.owner} is ?`, values: [one] })
  if (owner !== undefined) return [{ index: isRare ? 'cell_rare_owned' : 'cell_owned', ...ofOne(owner) }]
  if (isRare) return [{ index: 'cell_rare', sql: '', values: [] }]
  return [
    { index: 'cell_owned', ...ofOne(null) },
    { index: 'cell_started', sql: LISTED.owned, values: [] },
  ]
}

/** What comes behind a place, in order. Who has no start comes last. */
function rangesOf(kind: string, { after, at }: Query): readonly Range[] {
  if (after === undefined) return [{ sql: '', values: [] }]
  const name = `${kind}/${after}`
  if (at === undefined) return [{ sql: `and ${LISTED.start} is null and name > ?`, values: [name] }]
  return [
    { sql: `and ${LISTED.start} <= ? and (${LISTED.start} < ? or name > ?)`, values: [at, at, name] },
    { sql: `and ${LISTED.start} is null`, values: [] },
  ]
}
