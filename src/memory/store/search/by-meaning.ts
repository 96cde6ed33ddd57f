import type { MemoryConnection, SqlValue } from '../connection.ts'
import type { RecordCondition } from '../filter.ts'
import { byValue, type RankedCandidate } from './fuse.ts'
import type { SignatureCache } from './signatures.ts'
import { bytesOf, signatureOf } from './vectors.ts'

export type QueryVector = { readonly model: string; readonly vector: Float32Array }

/** Records with the nearest signatures, whose vectors are then compared. */
const MAX_CANDIDATES = 400

/**
 * The records whose vectors are nearest to that of the query and which pass the condition, at most `limit`, the nearest
 * first. If too few of the nearest signatures pass, all records that pass are ranked by their signatures.
 */
export function rankByMeaning(
  connection: MemoryConnection,
  signatures: SignatureCache,
  owner: number,
  { model, vector }: QueryVector,
  { condition, limit }: { readonly condition: RecordCondition; readonly limit: number },
): readonly RankedCandidate[] {
  const compare = (among?: readonly number[]) =>
    compareVectors(connection, owner, { model, vector }, { condition, limit, ...(among && { among }) })
  const held = signatures.of(connection, owner, model)
  // too many signatures for the memory: all vectors are compared
  if (!held) return compare()
  const nearest = (among?: ReadonlySet<number>) => held.nearest(signatureOf(vector), MAX_CANDIDATES, among)
  const found = compare(nearest())
  if (found.length === limit || held.size <= MAX_CANDIDATES) return found
  return compare(nearest(allowed(connection, condition)))
}

function allowed(connection: MemoryConnection, { sql, values }: RecordCondition): ReadonlySet<number> {
  const rows = connection.all<{ readonly rid: number }>(`select r.rid from record r where ${sql}`, values)
  return new Set(rows.map(({ rid }) => rid))
}

type Comparison = {
  readonly condition: RecordCondition
  readonly limit: number
  /** only these records; absent: all of the owner */
  readonly among?: readonly number[]
}

function compareVectors(
  connection: MemoryConnection,
  owner: number,
  { model, vector }: QueryVector,
  { condition, limit, among }: Comparison,
): readonly RankedCandidate[] {
  const bytes = bytesOf(vector)
  const from = among ? 'json_each(?) j cross join vector v on v.rid = j.value' : 'vector v'
  const given: readonly SqlValue[] = among ? [JSON.stringify(among)] : []
  // a model that gives vectors of another length has changed behind its name
  const rows = connection.all<RankedCandidate>(
    `select r.rid, r.id, r.learned_at, r.importance, 1 - vector_distance_cos(v.vec, vector8(?)) value
     from ${from} cross join record r on r.rid = v.rid
     where v.owner = ? and v.model = ? and length(v.vec) = length(vector8(?)) and ${condition.sql}
     order by value desc limit ?`,
    [bytes, ...given, owner, model, bytes, ...condition.values, limit],
  )
  return rows.filter(({ value }) => value !== null).sort(byValue)
}
