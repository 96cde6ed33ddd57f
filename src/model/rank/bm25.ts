/** An Okapi BM25 index: the weight of a rare term, and the scores of documents for a query. */
export type Bm25Index = {
  /** above 0; a rarer term has a higher weight, and a term without a document the highest */
  idf(term: string): number
  /** the term, or if no document contains it, the one with the most similar beginning */
  known(term: string): string
  /** the same, and if none begins alike, the longest one that is a part of the term, or that it is a part of */
  wide(term: string): string
  /** one number ≥ 0 for each document, in their order; query terms count once */
  scores(query: readonly string[]): number[]
}

type Posting = { readonly document: number; count: number }

/** BM25's k1 and b. The length penalty is low, since passages are short. */
const TERM_SATURATION = 1.2
const LENGTH_PENALTY = 0.4
/** Words that share this many letters at the start are alike. */
const MIN_COMMON_PREFIX = 5

/** An index over documents given as lists of terms. */
export function createBm25Index(documents: readonly (readonly string[])[]): Bm25Index {
  const postings = postingsOf(documents)
  let byStart: Map<string, string[]> | undefined
  const alikeIn = (term: string) => (byStart ??= Map.groupBy(postings.keys(), startOf)).get(startOf(term)) ?? []
  const norms = normsOf(documents)
  const idf = (term: string) => rarity(postings.get(term)?.length ?? 0, documents.length)
  const known = (term: string) => (postings.has(term) ? term : likest(term, alikeIn(term)))
  return {
    idf,
    known,
    wide(term) {
      const alike = known(term)
      return alike !== term || postings.has(term) ? alike : widest(term, postings.keys())
    },
    scores: (query) => scoreAll(query, postings, norms, idf),
  }
}

/** The `idf` alone of an index over these documents. */
export function createIdf(documents: readonly (readonly string[])[]): Bm25Index['idf'] {
  const holders = new Map<string, number>()
  for (const term of documents.flatMap((terms) => [...new Set(terms)])) holders.set(term, (holders.get(term) ?? 0) + 1)
  return (term) => rarity(holders.get(term) ?? 0, documents.length)
}

/** A document of which only its length and the counts of the query's terms are known. */
type CountedDocument = { readonly length: number; readonly counts: readonly number[] }

/**
 * The scores of documents for a query whose terms are counted: `counts` has one number for each term. `holders`: how
 * many of all `documents` contain each term; the scored ones may be a part of them.
 */
export function scoreCounts(
  scored: readonly CountedDocument[],
  { holders, documents }: { readonly holders: readonly number[]; readonly documents: number },
): readonly number[] {
  const norms = normsOf(scored)
  const idfs = holders.map((held) => rarity(held, Math.max(held, documents)))
  return scored.map(({ counts }, document) =>
    counts.reduce((sum, count, term) => sum + termScore(idfs[term]!, count, norms[document]!), 0),
  )
}

function termScore(idf: number, count: number, norm: number): number {
  return (idf * count * (TERM_SATURATION + 1)) / (count + norm)
}

function rarity(holders: number, documents: number): number {
  return Math.log(1 + (documents - holders + 0.5) / (holders + 0.5))
}

function postingsOf(documents: readonly (readonly string[])[]): Map<string, Posting[]> {
  const postings = new Map<string, Posting[]>()
  documents.forEach((terms, document) => {
    for (const term of terms) addTo(postings, term, document)
  })
  return postings
}

function addTo(postings: Map<string, Posting[]>, term: string, document: number): void {
  const list = postings.get(term) ?? []
  const last = list.at(-1)
  if (last?.document === document) last.count++
  else list.push({ document, count: 1 })
  postings.set(term, list)
}

function normsOf(documents: readonly { readonly length: number }[]): number[] {
  const total = documents.reduce((sum, { length }) => sum + length, 0)
  const average = total / Math.max(1, documents.length) || 1
  return documents.map(({ length }) => TERM_SATURATION * (1 - LENGTH_PENALTY + (LENGTH_PENALTY * length) / average))
}

function scoreAll(
  query: readonly string[],
  postings: ReadonlyMap<string, readonly Posting[]>,
  norms: readonly number[],
  idf: (term: string) => number,
): number[] {
  const scores = norms.map(() => 0)
  for (const term of new Set(query)) {
    for (const { document, count } of postings.get(term) ?? []) {
      scores[document]! += termScore(idf(term), count, norms[document]!)
    }
  }
  return scores
}

const startOf = (term: string) => term.slice(0, MIN_COMMON_PREFIX)

/** Whether words such as `incunable` and `incunabula` are alike: they begin alike for half of the longer one. */
function likest(term: string, terms: readonly string[]): string {
  let best = { term, shared: 0 }
  for (const other of terms) {
    const shared = sharedStart(term, other)
    const enough = shared >= MIN_COMMON_PREFIX && 2 * shared >= Math.max(term.length, other.length)
    if (enough && shared > best.shared) best = { term: other, shared }
  }
  return best.term
}

/** A shorter word is a part of many others. */
const MIN_PART = 4

/** The longest term that is a part of this one, or that it is a part of. */
function widest(term: string, terms: Iterable<string>): string {
  let best = ''
  for (const other of terms) {
    const isPart = Math.min(term.length, other.length) >= MIN_PART && (other.includes(term) || term.includes(other))
    if (isPart && other.length > best.length) best = other
  }
  return best || term
}

function sharedStart(one: string, other: string): number {
  const end = Math.min(one.length, other.length)
  let at = 0
  while (at < end && one[at] === other[at]) at++
  return at
}
