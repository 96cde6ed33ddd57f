import type { Embedder } from '../../embed/embedder.ts'
import type { Document } from '../../prompt/task.ts'
import { createRanker, type Ranked, understands } from '../../rank/ranker.ts'
import { type Passage, splitPassages } from '../../text/passages.ts'

/** A passage and the document it comes from, by its place among those given: names need not differ. */
export type Source = Passage & { readonly id: string; readonly document: number }

/** A stretch of a document as it is written, and where it starts there. */
export type Excerpt = { readonly document: number; readonly text: string; readonly start: number }

/** Documents split into passages and indexed once: what every task works on. */
export interface Reading {
  /** all there is to search for patterns: whole documents, headings included */
  readonly excerpts: readonly Excerpt[]
  readonly passages: readonly Source[]
  readonly embedder: Embedder | undefined
  rank(question: string, limit: number, about?: string): Promise<Ranked<Source>[]>
  /** a reading of some of these passages alone */
  only(passages: readonly Source[]): Reading
}

export type ReadingOptions = { readonly embedder?: Embedder | undefined; readonly signal?: AbortSignal | undefined }

/** Reads documents; offsets of its passages are those of the documents as given. */
export function readDocuments(documents: readonly Document[], options: ReadingOptions): Reading {
  const excerpts = documents.map(({ text }, document) => ({ document, text, start: 0 }))
  const { embedder, ...others } = options
  const passages = documents.flatMap(readDocument)
  const able = embedder && understands(embedder, passages) && { embedder }
  return createReading(excerpts, passages, { ...others, ...able })
}

function readDocument({ name, text }: Document, document: number): Source[] {
  return splitPassages(name, text).map((passage, at) => ({ ...passage, id: `${document}.${at}`, document }))
}

function createReading(excerpts: readonly Excerpt[], passages: readonly Source[], options: ReadingOptions): Reading {
  const ranker = createRanker(passages)
  const { embedder, signal } = options
  const shared = { ...(embedder && { embedder }), ...(signal && { signal }) }
  return {
    excerpts,
    passages,
    embedder,
    rank: (question, limit, about) =>
      ranker.rank(question, { limit, ...(about !== undefined && { about }), ...shared }),
    only: (some) => createReading(some.map(excerptOf), some, options),
  }
}

function excerptOf({ document, text, start }: Source): Excerpt {
  return { document, text, start }
}

/** Passages after one that ends with a colon which are taken to belong to it. */
const INTRODUCED = 12
/** A sentence that starts so cannot be read without the one before. */
const LEANING =
  /^(?:it|its|this|that|these|those|they|their|he|she|such|so|however|therefore|otherwise|instead|then)\b/i

/**
 * What is needed to read a passage: the sentence before when it starts with `it` or the like, and what its colon introduces.
 * More sentences around it were measured to hold the answer in 3 of 61 cases only.
 */
export function contextOf(passage: Source, passages: readonly Source[]): readonly Source[] {
  const before = passages[passages.findIndex(({ id }) => id === passage.id) - 1]
  const leaning =
    before && before.block === passage.block && before.document === passage.document && LEANING.test(passage.text)
  return [...(leaning ? [before] : []), ...introducedBy(passage, passages)]
}

/** The list items, rows or code that follow a passage which ends with a colon; none otherwise. */
export function introducedBy(passage: Source, passages: readonly Source[]): readonly Source[] {
  const place = passages.findIndex(({ id }) => id === passage.id)
  const after = passages.slice(place + 1, place + 1 + INTRODUCED)
  const kind = after[0]?.kind
  if (!passage.text.endsWith(':') || kind === 'paragraph') return []
  const end = after.findIndex((one) => one.kind !== kind || one.document !== passage.document)
  return (end === -1 ? after : after.slice(0, end)).filter(({ block }) => block !== passage.block)
}
