import type { Usage } from '../request/request.ts'

/** Turns texts into vectors of length one; similar meanings give similar vectors. */
export interface Embedder {
  /** One vector for each text, in their order. A text of white space gets a vector like any other. */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>
  /** Whether it can tell texts like this one apart; absent: it can for any text. */
  understands?(text: string): boolean
  /** Releases its thread and memory; may be called twice. */
  close(): Promise<void>
}

/** Texts to embed in one call. */
export type EmbedRequest = { readonly model: string; readonly texts: readonly string[] }

/** Vectors of length one, one per text, in order. */
export type Embeddings = {
  readonly model: string
  readonly vectors: readonly Float32Array[]
  readonly usage: Usage
  /** dollars, if the configuration states the price */
  readonly cost?: number
}
