import type { Database, Value } from '../../store/database.ts'
import type { Query } from '../engine.ts'
import { LISTED } from './schema.ts'

type Row = { readonly name: string; readonly listed: string }
/** Part of a list, and what it goes by. */
type Range = { readonly sql: string; readonly values: readonly Value[] }

/**
 * The newest of a kind that are not aside, of all or of one owner, by the indexes for that: what a page costs does not grow with the list.
 * Undefined for any other query.
 */
export function listNewest(database: Database, kind: string, query: Query): readonly Row[] | undefined {
  if (!isNewest(query)) return undefined
  const { where = {}, limit = -1 } = query
  const isOwned = 'owner' in where
  const among = [
    `select name, listed from cell indexed by ${isOwned ? 'cell_owned' : 'cell_started'}`,
    `where ${LISTED.kind} = ? and ${LISTED.apart}`,
    ...(isOwned ? [`and ${LISTED.owner} is ?`] : []),
  ].join(' ')
  const values = [`${kind}/`, ...(isOwned ? [where.owner ?? null] : [])]
  const rows: Row[] = []
  for (const range of rangesOf(kind, query)) {
    const left = limit < 0 ? -1 : limit - rows.length
    if (left === 0) break
    const sql = `${among} ${range.sql} order by ${LISTED.start} desc, name limit ?`
    rows.push(...database.all<Row>(sql, [...values, ...range.values, left]))
  }
  return rows
}

function isNewest({ where = {}, sort, descending }: Query): boolean {
  const { owner: _, aside, ...others } = where
  return sort === 'startedAt' && descending === true && aside === null && Object.keys(others).length === 0
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
