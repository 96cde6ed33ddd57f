import { queryTerms, termsOf } from '../../model/text/terms.ts'
import type { MemoryConnection } from './connection.ts'

/** The number of an owner comes first in each token, so that no count of a token mixes owners. */
const tokenOf = (owner: number, term: string) => `${owner}x${Buffer.from(term).toString('hex')}`

/** The text of the word index for a record. */
export function indexedTerms(owner: number, text: string, subject: string | null): string {
  const terms = new Set([...termsOf(text), ...(subject === null ? [] : termsOf(subject))])
  return [...terms].map((term) => tokenOf(owner, term)).join(' ')
}

/** The tokens of a query that this owner has, the rarest first. FTS syntax and emoji in it are plain text. */
export function rareTokens(connection: MemoryConnection, owner: number, text: string): readonly string[] {
  const tokens = queryTerms(text)
    .slice(0, MAX_TERMS)
    .map((term) => tokenOf(owner, term))
  const rows = connection.allOf<{ readonly doc: number }>(
    'select doc from word_count where term = ?',
    tokens.map((token) => [token]),
  )
  const found = tokens.flatMap((token, place) => rows[place]!.map(({ doc }) => ({ token, records: doc })))
  return found.sort((a, b) => a.records - b.records).map(({ token }) => token)
}

/** Terms of a query that are looked up. */
const MAX_TERMS = 64
