import { scoreCounts } from '../../../model/rank/bm25.ts'
import { queryTerms } from '../../../model/text/terms.ts'
import type { MemoryConnection } from '../connection.ts'
import type { RecordCondition } from '../filter.ts'
import { countTerm, countTerms, rareTokens } from '../words.ts'
import { byValue, type Candidate, type RankedCandidate } from './fuse.ts'

/**
 * `candidates`: records that are scored at most. `terms`: the terms of the text that a result has at least. `model`:
 * the encoder of which a result says whether it has read the record.
 */
export type WordLimits = { readonly candidates: number; readonly terms: number; readonly model?: string }

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
