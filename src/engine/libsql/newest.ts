import type { Database, Value } from '../../store/database.ts'
import type { Query } from '../engine.ts'
import { LISTED } from './schema.ts'

type Row = { readonly name: string; readonly listed: string }
/** Part of a list, and what it goes by. */
type Range = { readonly sql: string; readonly values: readonly Value[] }

/**
 * The newest of a kind that are not aside, of all or of one owner, in all or of one status, by the indexes for that: what a page costs does not
 * grow with the list, but of those that have completed where these are few. Undefined for any other query.
 */
export function listNewest(database: Database, kind: string, query: Query): readonly Row[] | undefined {
  if (!isNewest(query)) return undefined
  const { where = {}, limit = -1 } = query
  const among = amongOf(kind, where)
  const rows: Row[] = []
  for (const range of rangesOf(kind, query)) {
    const left = limit < 0 ? -1 : limit - rows.length
    if (left === 0) break
    const sql = `${among.sql} ${range.sql} order by ${LISTED.start} desc, name limit ?`
    rows.push(...database.all<Row>(sql, [...among.values, ...range.values, left]))
  }
  return rows
}

function isNewest({ where = {}, sort, descending }: Query): boolean {
  const { owner: _, aside, status, ...others } = where
  return sort === 'startedAt' && descending === true && aside === null && status !== null && isEmpty(others)
}

const isEmpty = (fields: object) => Object.keys(fields).length === 0

function amongOf(kind: string, { owner, status }: NonNullable<Query['where']>): Range {
  const isRare = status !== undefined && status !== 'completed'
  const index = INDEXES[isRare ? 'rare' : 'all'][owner === undefined ? 'ofAll' : 'owned']
  const sql = [
    `select name, listed from cell indexed by ${index} where ${LISTED.kind} = ? and ${LISTED.apart}`,
    ...(isRare ? [`and ${LISTED.rare}`] : []),
    ...(owner === undefined ? [] : [`and ${LISTED.owner} is ?`]),
    ...(status === undefined ? [] : [`and ${LISTED.status} = ?`]),
  ].join(' ')
  return { sql, values: [`${kind}/`, ...[owner, status].filter((value) => value !== undefined)] }
}

const INDEXES = {
  all: { ofAll: 'cell_started', owned: 'cell_owned' },
  rare: { ofAll: 'cell_rare', owned: 'cell_rare_owned' },
} as const

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
