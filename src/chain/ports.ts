import type { GenerateOptions, ModelReply, ModelRequest } from '../model/spec.ts'
import type { ChainLimits } from './limits.ts'
import type { Phases } from './registry.ts'

/** What a chain needs of models: one reply per call; `default` says whether the one used when none is named works offline. */
export interface ChainModels {
  generate(request: ModelRequest, options: GenerateOptions): Promise<ModelReply>
  readonly default?: { readonly offline: boolean }
}

/** What a chain needs of a pool: bounded work, which `key` finds in its queue; a full one is a BusyError. */
export interface ChainPool {
  submit<T>(task: {
    readonly signal: AbortSignal
    readonly key?: string
    run(signal: AbortSignal): Promise<T>
  }): Promise<T>
}

/** Compares texts by meaning; without one, files are searched by words alone. */
export interface ChainEmbedder {
  embed(texts: readonly string[]): Promise<Float32Array[]>
  close(): Promise<void>
}

/** All a chain needs of the world. */
export type ChainServices = {
  readonly models: ChainModels
  readonly pool: ChainPool
  /** The text of a file; rejects for one that may not or cannot be read. */
  readFile(path: string, signal: AbortSignal): Promise<string>
  /** A text that came along with a question, by its hash; absent where none do. */
  readBlob?(hash: string): Promise<string>
  readonly embedder?: ChainEmbedder
  readonly phases?: Phases
  readonly limits?: Partial<ChainLimits>
}
