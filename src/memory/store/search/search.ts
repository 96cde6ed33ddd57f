import type { FoundRecord, FoundRecords, RecordSearch } from '../../memory.ts'
import { partlyRead } from '../../missing.ts'
import type { MemoryConnection } from '../connection.ts'
import { conditionOf, type RecordCondition } from '../filter.ts'
import { RECORD_COLUMNS, type RecordRow, recordOf } from '../rows.ts'
import { type QueryVector, rankByMeaning } from './by-meaning.ts'
import { rankByWords, type WordLimits } from './by-words.ts'
import { countKnown, countUnread } from './count.ts'
import { type FusedCandidate, fuse } from './fuse.ts'
import type { SignatureCache } from './signatures.ts'

/** A search with the vector of its text. `model`: the encoder that is to read all records; absent: there is none. */
export type StoreSearch = RecordSearch & { readonly model?: string; readonly vector?: Float32Array }

/** The shortest ranking by meaning. A record below it adds little to a score. */
const MIN_RANKING = 50

/** Records that words find, which are then scored. More change the results little. */
const MAX_CANDIDATES = 400

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

const SEARCH_LIMITS: WordLimits = { candidates: MAX_CANDIDATES, terms: 1 }

const recallLimits = (limit: number): WordLimits => ({
  candidates: Math.min(MAX_CANDIDATES, Math.max(RECALL_CANDIDATES.least, RECALL_CANDIDATES.each * limit)),
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
