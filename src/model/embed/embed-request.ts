import type { Usage } from '../request/request.ts'

/** Texts that are to become vectors, in one call. */
export type EmbedRequest = { readonly model: string; readonly texts: readonly string[] }

/** Vectors of length one, one a text, in their order. */
export type Embedded = {
  readonly model: string
  readonly vectors: readonly Float32Array[]
  readonly usage: Usage
  /** dollars, where the configuration tells its price */
  readonly cost?: number
}
