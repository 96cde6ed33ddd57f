import type { Embedder } from '../embed/embedder.ts'
import { newerTerms, queryTerms, termsOf } from '../text/terms.ts'
import { type Bm25Index, createBm25Index, createIdf } from './bm25.ts'

/** An item to rank. Its heading counts half as much as its text, as do the neighbouring sentences of its paragraph. */
type Rankable = {
  readonly id: string
  readonly text: string
  readonly heading?: string
  /** neighbouring passages with the same block of the same document are read together */
  readonly block?: number
  readonly document?: unknown
}

/**
 * `score` (0..1) is the share of the question's terms, weighted by rarity, that the passage, its heading or its
 * neighbours contain. A high score means that the passage is on topic. It does not mean that the passage answers the
 * question. `likeness` (-1..1) is the similarity of meaning, if there is an embedder. `relevance` orders the passages
 * of one call and means nothing outside that call. `spoken` (0..1) is the share of the words in `about` that the
 * passage contains. It averages two counts, weighted and unweighted, each with and without the neighbours.
 */
export type Ranked<Item extends Rankable> = Item & {
  readonly score: number
  readonly likeness?: number
  readonly relevance: number
  readonly spoken: number
}

export type RankOptions = {
  readonly limit: number
  /** the words that `spoken` counts; absent: those of the question */
  readonly about?: string
  /** leaves out passages with fewer of the question's terms in text and heading; a shorter question needs all terms */
  readonly minShared?: number
  /** takes a word that no passage has for a part of it, or for one that it is a part of: `Kündigungsfrist`, `Frist` */
  readonly isWide?: boolean
  readonly embedder?: Pick<Embedder, 'embed' | 'understands'>
  readonly signal?: AbortSignal
}

/** Ranks one set of passages for any number of questions. */
interface Ranker<Item extends Rankable> {
  rank(question: string, options: RankOptions): Promise<Ranked<Item>[]>
  /** whether `isWide` finds other terms for the question */
  hasWider(question: string): boolean
}

type ScoredPassage<Item extends Rankable> = {
  readonly item: Item
  readonly place: number
  readonly relevance: number
  readonly likeness?: number
}

/** How many of the best BM25 results are compared by meaning. More candidates take longer, with no measurable gain. */
const MAX_CANDIDATES = 16
/** Vectors differ by 2e-7 between batches. Scores are rounded so that the order is deterministic. */
const ROUNDING = 1e4
const NEWER_WEIGHT = 1e-3

/** Passages sampled to see whether an embedder understands them. */
const MAX_SAMPLE = 200

/** Whether an embedder can tell such passages apart. To an English one, texts in another language look alike. */
export function understandsPassages(embedder: Pick<Embedder, 'understands'>, passages: readonly Rankable[]): boolean {
  const step = Math.ceil(passages.length / MAX_SAMPLE)
  const some = passages.filter((_, at) => at % step === 0)
  return embedder.understands?.(some.map(({ text }) => text).join('\n')) ?? true
}

/** A ranker that indexes its passages once. A passage without a shared term is found only through an embedder. */
export function createRanker<Item extends Rankable>(passages: readonly Item[]): Ranker<Item> {
  const terms = passages.map(({ text }) => termsOf(text))
  const above = passages.map(({ heading = '' }) => termsOf(heading))
  const bags = passages.map((_, place) => termsAround(place, passages, terms, above))
  const index = createBm25Index(bags)
  const own = passages.map((_, place) => [...terms[place]!, ...above[place]!])
  const idf = createIdf(own)
  return {
    hasWider: (question) => queryTerms(question).some((term) => index.wide(term) !== index.known(term)),
    async rank(question, { limit, about, minShared = 0, isWide = false, embedder, signal }) {
      signal?.throwIfAborted()
      const known = isWide ? index.wide : index.known
      const query = [...new Set(queryTerms(question).map(known))]
      const subject = about === undefined ? query : [...new Set(queryTerms(about).map(known))]
      // a newer statement comes last among those with a word of the question
      const newer = index.scores(newerTerms(question))
      const found = best(
        index.scores(query).map((score, place) => score || newer[place]! * NEWER_WEIGHT),
        passages,
      )
      const chosen = embedder
        ? await byMeaning(question, found, embedder, signal)
        : found.filter(({ relevance }) => relevance > 0)
      signal?.throwIfAborted()
      const needed = Math.min(minShared, query.length)
      const related = needed === 0 ? chosen : chosen.filter(({ place }) => countShared(query, own[place]!) >= needed)
      return related.slice(0, limit).map(({ item, place, ...rest }) => {
        const spoken = (spokenIn(subject, own[place]!, idf) + spokenIn(subject, bags[place]!, idf)) / 2
        return { ...item, score: coverage(query, bags[place]!, idf), spoken, ...rest }
      })
    },
  }
}

/** A passage's own terms twice, those of its heading and neighbours once: a subject is often named beside it. */
function termsAround(
  place: number,
  passages: readonly Rankable[],
  terms: readonly (readonly string[])[],
  above: readonly (readonly string[])[],
): string[] {
  const beside = [place - 1, place + 1].filter((other) => isBeside(passages[place]!, passages[other]))
  return [...terms[place]!, ...terms[place]!, ...above[place]!, ...beside.flatMap((other) => terms[other]!)]
}

function isBeside(one: Rankable, other: Rankable | undefined): boolean {
  return one.block !== undefined && one.block === other?.block && one.document === other.document
}

function best<Item extends Rankable>(scores: readonly number[], passages: readonly Item[]): ScoredPassage<Item>[] {
  return scores.map((relevance, place) => ({ item: passages[place]!, place, relevance })).sort(byRelevance)
}

function byRelevance(a: ScoredPassage<Rankable>, b: ScoredPassage<Rankable>): number {
  return b.relevance - a.relevance || a.place - b.place
}

/** The best passages by words, sorted by words and meaning with equal weight. */
async function byMeaning<Item extends Rankable>(
  question: string,
  found: readonly ScoredPassage<Item>[],
  embedder: Pick<Embedder, 'embed'>,
  signal: AbortSignal | undefined,
): Promise<ScoredPassage<Item>[]> {
  const candidates = found.slice(0, MAX_CANDIDATES)
  const texts = candidates.map(({ item }) => (item.heading ? `${item.heading}: ${item.text}` : item.text))
  const [asked, ...vectors] = await embedder.embed([question, ...texts], signal)
  const words = standardise(candidates.map(({ relevance }) => relevance))
  const likeness = vectors.map((vector) => cosineSimilarity(asked!, vector))
  const meanings = standardise(likeness)
  return candidates
    .map((candidate, at) => ({ ...candidate, likeness: likeness[at]!, relevance: round(words[at]! + meanings[at]!) }))
    .sort(byRelevance)
}

/** The cosine of two vectors of length one, rounded to be independent of their batch. */
export function cosineSimilarity(a: Float32Array, b: Float32Array): number {
  return round(a.reduce((sum, value, at) => sum + value * b[at]!, 0))
}

/** Mean 0 and deviation 1, so that two kinds of score can be added. */
function standardise(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length))
  return values.map((value) => (deviation > 0 ? (value - mean) / deviation : 0))
}

const round = (value: number): number => Math.round(value * ROUNDING) / ROUNDING

/** The mean of two counts. Rarity says little for few passages, and a plain count takes all terms as equal. */
function spokenIn(subject: readonly string[], bag: readonly string[], idf: Bm25Index['idf']): number {
  const held = new Set(bag)
  const count = subject.filter((term) => held.has(term)).length / (subject.length || 1)
  return (coverage(subject, bag, idf) + count) / 2
}

function countShared(query: readonly string[], bag: readonly string[]): number {
  const held = new Set(bag)
  return query.filter((term) => held.has(term)).length
}

function coverage(query: readonly string[], bag: readonly string[], idf: Bm25Index['idf']): number {
  const held = new Set(bag)
  const weigh = (terms: readonly string[]) => terms.reduce((sum, term) => sum + idf(term), 0)
  return round(weigh(query.filter((term) => held.has(term))) / (weigh(query) || 1))
}
