import { newerTerms, queryTerms, termsOf } from '../../model/text/terms.ts'
import type { NewRecord } from '../record.ts'
import type { MemoryConnection } from './connection.ts'

/** The number of an owner comes first in each token, so that no count of a token mixes owners. */
const tokenOf = (owner: number, term: string) =>
  PLAIN.test(term) ? `${owner}x${term}` : `${owner}y${Buffer.from(term).toString('hex')}`

/** A term that the tokenizer of FTS5 leaves whole. */
const PLAIN = /^[a-z0-9]+$/

/** The words above the text of a record `r`: the subject of a fact, or the headings of a passage. */
export const HEADING = "iif(r.kind = 'passage', json_extract(r.data, '$.heading'), r.subject)"

/** The same of a record that is not stored yet. */
export function headingOf({ kind, subject, data }: Pick<NewRecord, 'kind' | 'subject' | 'data'>): string | null {
  const { heading } = (kind === 'passage' && data ? data : {}) as { readonly heading?: unknown }
  return kind === 'passage' ? (typeof heading === 'string' ? heading : null) : (subject ?? null)
}

/** The indexed text of a record and the words above it. Terms are repeated, so that searches need not count. */
export function indexedTerms(owner: number, text: string, heading: string | null): string {
  const terms = [...termsOf(text), ...(heading === null ? [] : termsOf(heading))]
  // a text of nothing but stop words is found by them
  return (terms.length > 0 ? terms : queryTerms(text)).map((term) => tokenOf(owner, term)).join(' ')
}

/**
 * Indexes a record that was added in the same transaction. Add all records of a batch first: FTS5 writes what it has to
 * the disk before each statement that may fire a trigger, such as the next record, and has to merge these pieces.
 */
export function insertWords(connection: MemoryConnection, owner: number, id: string, terms: string): void {
  connection.run(
    `insert into words(rowid, terms) values(
       (select rid from record where owner = ? and id = ? and withdrawn_at is null and erasure is null), ?)`,
    [owner, id, terms],
  )
}

/** The number of terms in a text of the word index. */
export function countTerms(indexed: string): number {
  let count = indexed === '' ? 0 : 1
  for (let at = indexed.indexOf(' '); at !== -1; at = indexed.indexOf(' ', at + 1)) count++
  return count
}

/** How often a text of the word index contains a token. */
export function countTerm(indexed: string, token: string): number {
  let count = 0
  for (let at = indexed.indexOf(token); at !== -1; at = indexed.indexOf(token, at + 1)) {
    const end = at + token.length
    if ((at === 0 || indexed[at - 1] === ' ') && (end === indexed.length || indexed[end] === ' ')) count++
  }
  return count
}

/** A token of the word index, and how many records contain it. */
type CountedToken = { readonly token: string; readonly records: number }

/**
 * The tokens of a query that this owner has, the rarest first, at most `MAX_TERMS`. FTS syntax in it is plain text.
 * `documents`: how many records words can find.
 */
export function rareTokens(
  connection: MemoryConnection,
  owner: number,
  text: string,
  documents: () => number,
): readonly CountedToken[] {
  const tokens = [...queryTerms(text), ...newerTerms(text)].map((term) => tokenOf(owner, term))
  const found = countHolders(connection, tokens, documents).filter(({ records }) => records > 0)
  return found.sort((a, b) => a.records - b.records).slice(0, MAX_TERMS)
}

/** Terms of a query that count. */
const MAX_TERMS = 64

/** A count of a frequent token, made when words could find so many records. */
type FrequentToken = { readonly records: number; readonly documents: number }

/** To count the records with such a token takes a millisecond or more. */
const FREQUENT = 5_000
/** The share by which the records may have changed since: the weight of a frequent token changes by less. */
const MAX_CHANGE = 0.01
const MAX_FREQUENT = 1_000

const frequentTokens = new WeakMap<MemoryConnection, Map<string, FrequentToken>>()

/** How many records contain each token. A frequent one's count is kept until a hundredth of the records has changed. */
function countHolders(
  connection: MemoryConnection,
  tokens: readonly string[],
  documents: () => number,
): CountedToken[] {
  const frequent = frequentTokens.get(connection) ?? new Map<string, FrequentToken>()
  frequentTokens.set(connection, frequent)
  const isKept = (token: string) => {
    const known = frequent.get(token)
    return known !== undefined && Math.abs(documents() - known.documents) <= MAX_CHANGE * known.documents
  }
  const unknown = tokens.filter((token) => !isKept(token))
  const rows = connection.allOf<{ readonly doc: number }>(
    'select doc from word_count where term = ?',
    unknown.map((token) => [token]),
  )
  const counts = new Map(unknown.map((token, place) => [token, rows[place]![0]?.doc ?? 0]))
  const counted = tokens.map((token) => ({ token, records: counts.get(token) ?? frequent.get(token)!.records }))
  if (frequent.size > MAX_FREQUENT) frequent.clear()
  for (const [token, records] of counts)
    if (records >= FREQUENT) frequent.set(token, { records, documents: documents() })
  return counted
}
