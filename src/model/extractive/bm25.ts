/** How strongly a rare term counts, and how strongly documents answer a query by Okapi BM25. */
export type Index = {
  /** above 0; the higher, the rarer; a term found nowhere is the rarest */
  idf(term: string): number
  /** one number ≥ 0 for each document, in their order; query terms count once */
  scores(query: readonly string[]): number[]
}

type Posting = { readonly document: number; count: number }

/** Repetition saturates at `SATURATION`; `LENGTH` of a document's length is held against it (low: passages are short anyway). */
const SATURATION = 1.2
const LENGTH = 0.4

/** An index over documents given as lists of terms. */
export function createIndex(documents: readonly (readonly string[])[]): Index {
  const postings = postingsOf(documents)
  const norms = normsOf(documents)
  const idf = (term: string) => {
    const holders = postings.get(term)?.length ?? 0
    return Math.log(1 + (documents.length - holders + 0.5) / (holders + 0.5))
  }
  return { idf, scores: (query) => scoreAll(query, postings, norms, idf) }
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

function normsOf(documents: readonly (readonly string[])[]): number[] {
  const total = documents.reduce((sum, terms) => sum + terms.length, 0)
  const average = total / Math.max(1, documents.length) || 1
  return documents.map((terms) => SATURATION * (1 - LENGTH + (LENGTH * terms.length) / average))
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
      scores[document]! += (idf(term) * count * (SATURATION + 1)) / (count + norms[document]!)
    }
  }
  return scores
}
