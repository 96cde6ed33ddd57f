import type { Embedder } from '../embed.ts'
import { createIndex, type Index } from './bm25.ts'
import { queryTerms, termsOf } from './terms.ts'

/** What can be ranked; a heading counts half as much as the text below it. */
export type Rankable = { readonly id: string; readonly text: string; readonly heading?: string }

/**
 * `score` (0..1) is the share of the question's terms, weighted by rarity, that the passage speaks of: it says that the
 * passage is about the question, not that it answers it. `relevance` orders the passages of one call and means nothing beyond.
 */
export type Ranked<Item extends Rankable> = Item & { readonly score: number; readonly relevance: number }

export type RankOptions = { readonly limit: number; readonly embedder?: Embedder; readonly signal?: AbortSignal }

/** Ranks one set of passages for any number of questions. */
export interface Ranker<Item extends Rankable> {
  rank(question: string, options: RankOptions): Promise<Ranked<Item>[]>
}

type Scored<Item extends Rankable> = { readonly item: Item; readonly place: number; readonly relevance: number }

/** So many of the best by BM25 are compared by meaning; more cost time and were measured to gain nothing. */
const CANDIDATES = 16
/** Vectors differ by 2e-7 with the batch they came in: what is compared is rounded, so that the order is always the same. */
const PRECISION = 1e4

/** The passages that fit the question best, best first, at most `limit`; one that shares no term with it only by an embedder. */
export function rankPassages<Item extends Rankable>(
  question: string,
  passages: readonly Item[],
  options: RankOptions,
): Promise<Ranked<Item>[]> {
  return createRanker(passages).rank(question, options)
}

/** A ranker that indexes its passages once. */
export function createRanker<Item extends Rankable>(passages: readonly Item[]): Ranker<Item> {
  const bags = passages.map((passage) => termsWithHeading(passage))
  const index = createIndex(bags)
  return {
    async rank(question, { limit, embedder, signal }) {
      signal?.throwIfAborted()
      const query = queryTerms(question)
      const found = best(index.scores(query), passages)
      const chosen = embedder
        ? await byMeaning(question, found, embedder)
        : found.filter(({ relevance }) => relevance > 0)
      signal?.throwIfAborted()
      return chosen.slice(0, limit).map(({ item, place, relevance }) => {
        return { ...item, score: coverage(query, bags[place]!, index), relevance }
      })
    },
  }
}

function termsWithHeading({ text, heading = '' }: Rankable): string[] {
  const terms = termsOf(text)
  return [...terms, ...terms, ...termsOf(heading)]
}

function best<Item extends Rankable>(scores: readonly number[], passages: readonly Item[]): Scored<Item>[] {
  return scores.map((relevance, place) => ({ item: passages[place]!, place, relevance })).sort(byRelevance)
}

function byRelevance(a: Scored<Rankable>, b: Scored<Rankable>): number {
  return b.relevance - a.relevance || a.place - b.place
}

/** The best by words, put in order by words and meaning alike. */
async function byMeaning<Item extends Rankable>(
  question: string,
  found: readonly Scored<Item>[],
  embedder: Embedder,
): Promise<Scored<Item>[]> {
  const candidates = found.slice(0, CANDIDATES)
  const texts = candidates.map(({ item }) => (item.heading ? `${item.heading}: ${item.text}` : item.text))
  const [asked, ...vectors] = await embedder.embed([question, ...texts])
  const words = standardise(candidates.map(({ relevance }) => relevance))
  const meanings = standardise(vectors.map((vector) => similarity(asked!, vector)))
  return candidates
    .map((candidate, at) => ({ ...candidate, relevance: round(words[at]! + meanings[at]!) }))
    .sort(byRelevance)
}

/** The cosine of two vectors of length one, rounded so that it is the same whatever batch they came in. */
export function similarity(a: Float32Array, b: Float32Array): number {
  return round(a.reduce((sum, value, at) => sum + value * b[at]!, 0))
}

/** Mean 0 and deviation 1, so that two kinds of score can be added. */
function standardise(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length))
  return values.map((value) => (deviation > 0 ? (value - mean) / deviation : 0))
}

function round(value: number): number {
  return Math.round(value * PRECISION) / PRECISION
}

function coverage(query: readonly string[], bag: readonly string[], index: Index): number {
  const held = new Set(bag)
  const weigh = (terms: readonly string[]) => terms.reduce((sum, term) => sum + index.idf(term), 0)
  return round(weigh(query.filter((term) => held.has(term))) / (weigh(query) || 1))
}
