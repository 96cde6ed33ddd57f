import { scoreCounts } from '../../../model/rank/bm25.ts'
import type { MemoryConnection } from '../connection.ts'
import type { RecordCondition } from '../filter.ts'
import { countTerm, countTerms, rareTokens } from '../words.ts'
import { byValue, type Candidate, type RankedCandidate } from './fuse.ts'

/** Records that words find, which are then scored. More change the results little. */
const MAX_CANDIDATES = 400

type WordCandidate = Candidate & { readonly terms: string }

/** The records that contain a term of the text and pass the condition, the most relevant first. */
export function rankByWords(
  connection: MemoryConnection,
  owner: number,
  text: string,
  condition: RecordCondition,
): readonly RankedCandidate[] {
  const tokens = rareTokens(connection, owner, text)
  if (tokens.length === 0) return []
  const found = [...candidates(connection, tokens, condition).values()]
  const { records } = connection.first<{ readonly records: number }>(
    'select count(*) records from record where owner = ?',
    [owner],
  )!
  const scores = scoreCounts(
    found.map(({ terms }) => ({
      length: countTerms(terms),
      counts: tokens.map(({ token }) => countTerm(terms, token)),
    })),
    { holders: tokens.map((token) => token.records), documents: records },
  )
  return found.map(({ terms: _, ...candidate }, place) => ({ ...candidate, value: scores[place]! })).sort(byValue)
}

/** Rows that contain a token and pass the condition, from the rarest token on, the newest ones first. */
function candidates(
  connection: MemoryConnection,
  tokens: readonly { readonly token: string }[],
  { sql, values }: RecordCondition,
): ReadonlyMap<number, WordCandidate> {
  const found = new Map<number, WordCandidate>()
  for (const { token } of tokens) {
    const rows = connection.all<WordCandidate>(
      `select r.rid, r.id, r.learned_at, r.importance, words.terms
       from words cross join record r on r.rid = words.rowid
       where words match ? and ${sql} order by words.rowid desc limit ?`,
      [`"${token}"`, ...values, MAX_CANDIDATES],
    )
    for (const row of rows) if (found.size < MAX_CANDIDATES) found.set(row.rid, row)
    if (found.size === MAX_CANDIDATES) break
  }
  return found
}
