import { scoreCounts } from '../../../model/rank/bm25.ts'
import { queryTerms } from '../../../model/text/terms.ts'
import { type FoundRecord, type FoundRecords, partlyRead, type RecordSearch } from '../../memory.ts'
import type { MemoryConnection, SqlValue } from '../connection.ts'
import { conditionOf, type RecordCondition } from '../filter.ts'
import { RECORD_COLUMNS, type RecordRow, recordOf } from '../rows.ts'
import { countTerm, countTerms, rareTokens } from '../words.ts'
import { countKnown, countUnread } from './count.ts'
import { byValue, type Candidate, type FusedCandidate, fuse, type RankedCandidate } from './fuse.ts'
import type { SignatureCache } from './signatures.ts'
import { bytesOf, signatureOf } from './vectors.ts'

/** A search with the vector of its text. `model`: the encoder that is to read all records; absent: there is none. */
export type StoreSearch = RecordSearch & { readonly model?: string; readonly vector?: Float32Array }

/** The shortest ranking by meaning. A record below it adds little to a score. */
const MIN_RANKING = 50

/** Records that words find, which are then scored. More change the results little. */
const MAX_SCORED = 400

/** The same of a recall, for each record that it gives, and at least. Goals wait for it, and a model sees a few. */
const RECALL_CANDIDATES = { each: 8, least: 50 }
/** One common word, such as `file`, makes no two texts about the same thing. */
const RECALL_TERMS = 2
/** The least cosine of a recalled record that shares fewer words. Texts about different things are below it. */
const RECALL_MEANING = 0.5

/** The best records for a text: by words, and by meaning if there is a vector. */
export function search(
  connection: MemoryConnection,
  signatures: SignatureCache,
  owner: number,
  { text, limit = 10, explain = false, isRecall = false, model, vector, ...filter }: StoreSearch,
  now: number,
): FoundRecords {
  const condition = conditionOf(owner, filter, now)
  const query: QueryVector | undefined = model !== undefined && vector ? { model, vector } : undefined
  let known: number | undefined
  const documents = () => (known ??= countKnown(connection, owner))
  const limits = { ...(isRecall ? recallLimits(limit) : SEARCH_LIMITS), ...(model !== undefined && { model }) }
  const words = rankByWords(connection, owner, text, condition, limits, documents)
  // a vector alone has one ranking, whose first records are the results
  const ranking = text === '' ? limit : Math.max(limit, MIN_RANKING)
  const meaning = query && rankByMeaning(connection, signatures, owner, query, { condition, limit: ranking })
  const near = isRecall ? meaning?.filter(({ value }) => value >= RECALL_MEANING) : meaning
  const isFiltered = Object.values(filter).some((value) => value !== undefined)
  const coverageOf = (encoder: string) =>
    isFiltered
      ? coverageInside(connection, owner, encoder, condition)
      : shareOf(countUnread(connection, owner, encoder, ACCEPTED), documents())
  const coverage = model === undefined || isRecall ? undefined : coverageOf(model)
  const best = fuse(words, near, { now, limit, ...(coverage && { read: coverage }) })
  return {
    records: readFound(connection, owner, best, explain),
    ...(coverage !== undefined && { coverage }),
    ...(near && text !== '' && coverage !== undefined && coverage < 1 && { degraded: [partlyRead(coverage)] }),
  }
}

const SEARCH_LIMITS: WordLimits = { candidates: MAX_SCORED, terms: 1 }

const recallLimits = (limit: number): WordLimits => ({
  candidates: Math.min(MAX_SCORED, Math.max(RECALL_CANDIDATES.least, RECALL_CANDIDATES.each * limit)),
  terms: RECALL_TERMS,
})

function readFound(
  connection: MemoryConnection,
  owner: number,
  found: readonly FusedCandidate[],
  explain: boolean,
): readonly FoundRecord[] {
  const rows = connection.all<RecordRow>(
    `select ${RECORD_COLUMNS} from json_each(?) j cross join record r on r.rid = j.value where r.owner = ?`,
    [JSON.stringify(found.map(({ rid }) => rid)), owner],
  )
  const byRid = new Map(rows.map((row) => [row.rid, row]))
  return found.flatMap(({ rid, score, parts, ranks }) => {
    const row = byRid.get(rid)
    return row ? [{ ...recordOf(row), score, parts: explain ? { ...parts, ranks } : parts }] : []
  })
}

/** The share of the records inside a condition that the model has read. */
function coverageInside(
  connection: MemoryConnection,
  owner: number,
  model: string,
  condition: RecordCondition,
): number {
  const unread = countUnread(connection, owner, model, condition)
  if (unread === 0) return 1
  const sql = `select count(*) records from record r where ${condition.sql}`
  return shareOf(unread, connection.first<{ readonly records: number }>(sql, condition.values)!.records)
}

const ACCEPTED: RecordCondition = { sql: 'r.proposed = 0', values: [] }

const shareOf = (unread: number, records: number) => (unread === 0 ? 1 : (records - unread) / records)

/**
 * `candidates`: records that are scored at most. `terms`: the terms of the text that a result has at least. `model`:
 * the encoder of which a result says whether it has read the record.
 */
type WordLimits = { readonly candidates: number; readonly terms: number; readonly model?: string }

type WordCandidate = Candidate & { readonly terms: string; readonly unread: 0 | 1 }

/** The records with a term that pass the condition, the most relevant first. `documents`: how many words can find. */
export function rankByWords(
  connection: MemoryConnection,
  owner: number,
  text: string,
  condition: RecordCondition,
  { candidates: limit, terms: wanted, model = '' }: WordLimits,
  documents: () => number,
): readonly RankedCandidate[] {
  const tokens = rareTokens(connection, owner, text, documents)
  const needed = wanted === 1 ? 1 : Math.min(wanted, queryTerms(text).length)
  if (tokens.length < needed) return []
  const found = [...candidates(connection, tokens, condition, { limit, model }).values()]
  const counted = found.map(({ terms }) => ({
    length: countTerms(terms),
    counts: tokens.map(({ token }) => countTerm(terms, token)),
  }))
  const scores = scoreCounts(counted, { holders: tokens.map((token) => token.records), documents: documents() })
  const ranked = found.map(({ terms: _, ...candidate }, place) => ({ ...candidate, value: scores[place]! }))
  const fitting = needed === 1 ? ranked : ranked.filter((_, place) => shared(counted[place]!) >= needed)
  return fitting.sort(byValue)
}

const shared = ({ counts }: { readonly counts: readonly number[] }) => counts.filter((count) => count > 0).length

/** Rows that contain a token and pass the condition, from the rarest token on, the newest ones first. */
function candidates(
  connection: MemoryConnection,
  tokens: readonly { readonly token: string }[],
  { sql, values }: RecordCondition,
  { limit, model }: { readonly limit: number; readonly model: string },
): ReadonlyMap<number, WordCandidate> {
  const found = new Map<number, WordCandidate>()
  for (const { token } of tokens) {
    const rows = connection.all<WordCandidate>(
      `select r.rid, r.id, r.learned_at, r.importance, words.terms, r.embedded <> ? unread
       from words cross join record r on r.rid = words.rowid
       where words match ? and ${sql} order by words.rowid desc limit ?`,
      [model, `"${token}"`, ...values, limit],
    )
    for (const row of rows) if (found.size < limit) found.set(row.rid, row)
    if (found.size === limit) break
  }
  return found
}

type QueryVector = { readonly model: string; readonly vector: Float32Array }

/** Records with the nearest signatures, whose vectors are then compared. */
const MAX_NEAREST = 400

/**
 * The records whose vectors are nearest to that of the query and which pass the condition, at most `limit`, the nearest
 * first. If too few of the nearest signatures pass, all records that pass are ranked by their signatures.
 */
function rankByMeaning(
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
  const nearest = (among?: ReadonlySet<number>) => held.nearest(signatureOf(vector), MAX_NEAREST, among)
  const found = compare(nearest())
  if (found.length === limit || held.size <= MAX_NEAREST) return found
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
