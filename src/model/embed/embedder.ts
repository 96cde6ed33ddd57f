import type { Usage } from '../request/request.ts'

/** Turns texts into vectors of length one; similar meanings give similar vectors. */
export interface Embedder {
  /** One vector a text, in their order; a text of white space gets a vector like any other. */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>
  /** Whether it tells texts like this one apart; absent: any. */
  understands?(text: string): boolean
  /** Gives its thread and memory back; may be called twice. */
  close(): Promise<void>
}

/** Texts to embed in one call. */
export type EmbedRequest = { readonly model: string; readonly texts: readonly string[] }

/** Vectors of length one, one per text, in order. */
export type Embeddings = {
  readonly model: string
  readonly vectors: readonly Float32Array[]
  readonly usage: Usage
  /** dollars, where the configuration tells its price */
  readonly cost?: number
}
