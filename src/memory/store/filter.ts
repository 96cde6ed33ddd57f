import { InvalidError } from '../../errors.ts'
import type { RecordFilter } from '../record.ts'
import type { SqlValue } from './connection.ts'

/** A condition on the table `record` as `r`, and its values. */
export type RecordCondition = { readonly sql: string; readonly values: readonly SqlValue[] }

/** The data of a row is JSON, and no attempt to convert it has failed for good. */
export const READABLE = 'r.quarantined is null and (r.data is null or json_valid(r.data))'

/** A row belongs to the owner, is visible at `now`, and passes the filter. */
export function conditionOf(owner: number, filter: RecordFilter, now: number): RecordCondition {
  const { kind, source, subject, pinned, tier, since, until, asOf = now, knownAt = now, where = {} } = filter
  const parts: RecordCondition[] = [
    { sql: 'r.owner = ? and r.erasure is null', values: [owner] },
    { sql: '(r.expires is null or r.expires > ?)', values: [now] },
    { sql: READABLE, values: [] },
    { sql: knownSql('r'), values: [knownAt, knownAt] },
    holdsAt(asOf, knownAt),
  ]
  const add = (sql: string, ...values: SqlValue[]) => parts.push({ sql, values })
  if (filter.space !== undefined) parts.push(inSpace(filter.space))
  if (filter.reader !== undefined) parts.push(seenBy(filter.reader))
  if (kind !== undefined) add('r.kind = ?', kind)
  if (source !== undefined) parts.push(inSource('r.source_ref', source))
  if (subject !== undefined) add('r.subject = ?', subject)
  if (pinned !== undefined) add('r.pinned = ?', pinned ? 1 : 0)
  if (tier !== undefined) add('r.tier = ?', tier)
  if (since !== undefined) add('r.learned_at >= ?', since)
  if (until !== undefined) add('r.learned_at < ?', until)
  for (const [path, value] of Object.entries(where)) parts.push(hasField(path, value))
  return { sql: parts.map(({ sql }) => sql).join(' and '), values: parts.flatMap(({ values }) => values) }
}

/** A space and all below it. The root contains everything. */
export function inSpace(space: string, table = 'r'): RecordCondition {
  if (space === '') return { sql: '1', values: [] }
  // `0` follows the slash
  return {
    sql: `(${table}.space = ? or (${table}.space >= ? and ${table}.space < ?))`,
    values: [space, `${space}/`, `${space}0`],
  }
}

/** A source, or everything below it. */
export function inSource(column: string, ref: string): RecordCondition {
  const folder = ref.replace(/\/$/, '')
  return {
    sql: `(${column} = ? or (${column} >= ? and ${column} < ?))`,
    values: [ref, `${folder}/`, `${folder}0`],
  }
}

/** The spaces that a reader sees. */
function seenBy({ hidden, reads }: NonNullable<RecordFilter['reader']>): RecordCondition {
  const left = hidden.map((space) => inSpace(space))
  const own = reads === undefined ? { sql: '0', values: [] } : inSpace(reads)
  const sql = `(not (${left.map((space) => space.sql).join(' or ')}) or ${own.sql})`
  return { sql, values: [...left.flatMap(({ values }) => values), ...own.values] }
}

// a proposal is not known until a person has accepted it
const knownSql = (table: string) =>
  `${table}.proposed = 0 and ${table}.learned_at <= ? and (${table}.withdrawn_at is null or ${table}.withdrawn_at > ?)`

/** The fact about each subject that outranks the others at `at`, as known then. It may have ended, or have expired. */
export function lastFact(owner: number, at: number): RecordCondition {
  const { sql, values } = beganLast(at, at)
  const known = `r.owner = ? and r.erasure is null and ${knownSql('r')}`
  return { sql: `${known} and ${sql}`, values: [owner, at, at, ...values] }
}

/** No fact with the same subject has a higher standing or begins later, up to that time. */
function beganLast(at: number, knownAt: number): RecordCondition {
  return {
    sql: `r.valid_from <= ? and not exists (select 1 from record g
      where g.owner = r.owner and g.subject = r.subject and g.space = r.space
      and g.erasure is null and ${knownSql('g')} and g.valid_from <= ?
      and (g.standing, g.valid_from, g.learned_at, g.rid) > (r.standing, r.valid_from, r.learned_at, r.rid))`,
    values: [at, knownAt, knownAt, at],
  }
}

/** Facts only if they hold: they began last and have not ended. `factAt` says the same. */
function holdsAt(at: number, knownAt: number): RecordCondition {
  const began = beganLast(at, knownAt)
  return {
    sql: `(r.subject is null or (${began.sql} and (r.valid_to is null or r.valid_to > ?)
      and not exists (select 1 from fact_end e where e.rid = r.rid and e.valid <= ? and e.known <= ?)))`,
    values: [...began.values, at, at, knownAt],
  }
}

/** A damaged row has no fields; SQL may look at it before it is left out. */
const DATA = 'case when json_valid(r.data) then r.data end'

function hasField(path: string, value: string | number | boolean): RecordCondition {
  const keys = path.split('.')
  if (keys.some((key) => key === '' || key.includes('"')))
    throw new InvalidError(`Expected a path such as customer.city, got ${JSON.stringify(path)}.`)
  const place = `$${keys.map((key) => `."${key}"`).join('')}`
  if (typeof value === 'boolean') return { sql: `json_type(${DATA}, ?) = ?`, values: [place, value ? 'true' : 'false'] }
  return {
    sql: `json_type(${DATA}, ?) ${typeof value === 'string' ? "= 'text'" : "in ('integer', 'real')"} and json_extract(${DATA}, ?) = ?`,
    values: [place, place, value],
  }
}
