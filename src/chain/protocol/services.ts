import type { EmbeddingModels } from '../../model/embed/embed-in-pool.ts'
import type { Embedder } from '../../model/embed/embedder.ts'
import type { CallableModels } from '../../model/pool/generate-in-pool.ts'
import type { Pools } from '../../worker/pools.ts'
import type { Phases } from '../phases/registry.ts'
import type { ChainLimits } from './limits.ts'

/**
 * What a chain needs of models: one reply per call; `default` says whether the one used when none is named works offline, `fallback` who
 * may stand in for it, `vectors` which provider's model compares texts by meaning.
 */
export type ChainModels = CallableModels &
  EmbeddingModels & {
    readonly default: { readonly offline: boolean }
    fallback?(): readonly string[]
  }

/** All a chain needs of the world. */
export type ChainServices = {
  readonly models: ChainModels
  readonly pools: Pick<Pools, 'find'>
  /** The text of a file; rejects for one that may not or cannot be read. */
  readFile(path: string, signal: AbortSignal): Promise<string>
  /** A text that came along with a question, by its hash; absent where none do. */
  readBlob?(hash: string): Promise<string>
  /** compares texts by meaning on this machine; where neither that nor a provider's model does, files are searched by words alone */
  readonly embedder?: Embedder
  readonly phases?: Phases
  /** the domains that pools are for, as they stand in the ids of pools; absent: none */
  readonly domains?: readonly string[]
  /** Removes secrets from the text of a failure; absent: there are no secrets. */
  redact?(text: string): string
  readonly limits?: Partial<ChainLimits>
}
