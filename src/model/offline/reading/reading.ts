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
