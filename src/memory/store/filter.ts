import { InvalidError } from '../../errors.ts'
import { MEMORY_LIMITS } from '../limits.ts'
import type { RecordFilter } from '../record.ts'
import type { SqlValue } from './connection.ts'

/** A condition on the table `record` as `r`, and its values. */
export type RecordCondition = { readonly sql: string; readonly values: readonly SqlValue[] }

/** The data of a row is JSON, and no attempt to convert it has failed for good. */
export const READABLE = 'r.quarantined is null and (r.data is null or json_valid(r.data))'

/** A row belongs to the owner, is visible at `now`, and passes the filter. `staging`: a row of a hidden import. */
export function conditionOf(owner: number, filter: RecordFilter, now: number, staging?: string): RecordCondition {
  const { kind, source, subject, pinned, tier, since, until, where = {} } = filter
  const instant = { now, ...filter, staging }
  const parts: RecordCondition[] = [
    { sql: 'r.owner = ?', values: [owner] },
    isShown('r', instant),
    { sql: '(r.expires is null or r.expires > ?)', values: [now] },
    { sql: READABLE, values: [] },
    known('r', instant),
    holdsAt(instant),
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
  parts.push(...fieldsOf(where))
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

function seenBy({ hidden, reads }: NonNullable<RecordFilter['reader']>): RecordCondition {
  const left = hidden.map((space) => inSpace(space))
  const own = reads === undefined ? { sql: '0', values: [] } : inSpace(reads)
  const sql = `(not (${left.map((space) => space.sql).join(' or ')}) or ${own.sql})`
  return { sql, values: [...left.flatMap(({ values }) => values), ...own.values] }
}

/**
 * The instant of a query: what is true at `asOf`, as it was known at `knownAt`. Without them it is now, and no time of
 * learning counts: a clock may have been wrong, so all that is stored is known.
 */
type Instant = {
  readonly now: number
  readonly asOf?: number | undefined
  readonly knownAt?: number | undefined
  readonly staging?: string | undefined
}

const isShown = (table: string, { staging }: Instant): RecordCondition =>
  staging === undefined
    ? { sql: `${table}.erasure is null`, values: [] }
    : { sql: `${table}.erasure = ?`, values: [staging] }

/** A proposal is not known until a person has accepted it. */
function known(table: string, { knownAt }: Instant): RecordCondition {
  const accepted = `${table}.proposed = 0`
  if (knownAt === undefined) return { sql: `${accepted} and ${table}.withdrawn_at is null`, values: [] }
  return {
    sql: `${accepted} and ${table}.learned_at <= ? and (${table}.withdrawn_at is null or ${table}.withdrawn_at > ?)`,
    values: [knownAt, knownAt],
  }
}

/** Whether a time has come. A fact that was given none has that of its learning, and has begun now in any case. */
function hasCome(time: string, learned: string, { now, asOf }: Instant): RecordCondition {
  if (asOf !== undefined) return { sql: `${time} <= ?`, values: [asOf] }
  return { sql: `(${time} <= ? or ${time} = ${learned})`, values: [now] }
}

/** The order of facts about a subject, as columns. Rows are numbered by the changes that made them known. */
export const rankOf = (table: string) => `(${table}.standing, ${table}.valid_from, ${table}.rid)`

/** The fact about each subject that outranks the others now. It may have ended, or have expired. */
export function lastFact(owner: number, now: number): RecordCondition {
  const { sql, values } = beganLast({ now })
  return {
    sql: `r.owner = ? and r.erasure is null and ${known('r', { now }).sql} and ${sql}`,
    values: [owner, ...values],
  }
}

/** No fact with the same subject that has begun has a higher standing or begins later. */
function beganLast(instant: Instant): RecordCondition {
  const [own, shown, isKnown, other] = [
    hasCome('r.valid_from', 'r.learned_at', instant),
    isShown('g', instant),
    known('g', instant),
    hasCome('g.valid_from', 'g.learned_at', instant),
  ]
  return {
    sql: `${own.sql} and not exists (select 1 from record g
      where g.owner = r.owner and g.subject = r.subject and g.space = r.space
      and ${shown.sql} and ${isKnown.sql} and ${other.sql} and ${rankOf('g')} > ${rankOf('r')})`,
    values: [...own.values, ...shown.values, ...isKnown.values, ...other.values],
  }
}

/** Facts only if they hold: they began last and have not ended. `factAt` says the same. */
function holdsAt(instant: Instant): RecordCondition {
  const { now, asOf = now, knownAt } = instant
  const [began, ended] = [beganLast(instant), hasCome('e.valid', 'e.known', instant)]
  return {
    sql: `(r.subject is null or (${began.sql} and (r.valid_to is null or r.valid_to > ?)
      and not exists (select 1 from fact_end e where e.rid = r.rid and ${ended.sql}
        ${knownAt === undefined ? '' : 'and e.known <= ?'})))`,
    values: [...began.values, asOf, ...ended.values, ...(knownAt === undefined ? [] : [knownAt])],
  }
}

/** A damaged row has no fields; SQL may look at it before it is left out. */
const DATA = 'case when json_valid(r.data) then r.data end'

/** SQLite bounds the depth of a condition. */
function fieldsOf(where: NonNullable<RecordFilter['where']>): readonly RecordCondition[] {
  const fields = Object.entries(where)
  if (fields.length <= MEMORY_LIMITS.where) return fields.map(([path, value]) => hasField(path, value))
  throw new InvalidError(`Expected at most ${MEMORY_LIMITS.where} fields in \`where\`, got ${fields.length}.`, {
    place: { path: 'where' },
    hint: 'Search with fewer fields, and compare the others yourself.',
  })
}

function hasField(path: string, value: string | number | boolean): RecordCondition {
  const keys = path.split('.')
  if (keys.some((key) => key === '' || /["\0]/.test(key)))
    throw new InvalidError(`Expected a path such as customer.city, got ${JSON.stringify(path)}.`)
  if (!['string', 'number', 'boolean'].includes(typeof value))
    throw new InvalidError(`\`where.${path}\`: expected a text, a number, or true or false, got ${typeof value}.`)
  const place = `$${keys.map((key) => `."${key}"`).join('')}`
  if (typeof value === 'boolean') return { sql: `json_type(${DATA}, ?) = ?`, values: [place, value ? 'true' : 'false'] }
  return {
    sql: `json_type(${DATA}, ?) ${typeof value === 'string' ? "= 'text'" : "in ('integer', 'real')"} and json_extract(${DATA}, ?) = ?`,
    values: [place, place, value],
  }
}
