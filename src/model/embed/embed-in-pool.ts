import type { WorkPool } from '../../worker/work-pool.ts'
import { callInPool, type PoolCallOptions } from '../pool/call-in-pool.ts'
import type { CallOptions, CallPayer } from '../request/request.ts'
import type { Embedder, Embeddings, EmbedRequest } from './embedder.ts'
import { nextBatch } from './provider-embedder.ts'
import type { VectorCache } from './vector-cache.ts'

/** The embedding models and the vector cache. */
export type EmbeddingModels = {
  /** the model at a provider; absent: no provider's model embeds */
  readonly vectors?: { readonly model: string; readonly cache: VectorCache }
  embed?(request: EmbedRequest, options: CallOptions): Promise<Embeddings>
}

/** Options of the calls besides the texts; `heard` receives the result of each call. */
export type PoolEmbedTask = Pick<PoolCallOptions<Embeddings>, 'signal' | 'key' | 'share' | 'priority'> & {
  readonly payer?: CallPayer
  heard?(embedded: Embeddings): void
}

/** The provider's embedder, if configured: it calls in pool tasks on the model's worker, cached vectors without one. */
export function embedderInPool(
  pool: WorkPool,
  { vectors: known, ...models }: EmbeddingModels,
  { payer, heard, ...task }: PoolEmbedTask,
): Pick<Embedder, 'embed'> | undefined {
  if (!known) return undefined
  const { model, cache } = known
  let calls = 0
  const embed = async (texts: readonly string[]) => {
    const paid = payer && { payer: { ...payer, id: `${payer.id}.${calls++}` } }
    const call = (signal: AbortSignal) => models.embed!({ model, texts }, { signal, ...paid })
    const embedded = await callInPool(pool, model, task, call)
    heard?.(embedded)
    return embedded.vectors
  }
  return {
    async embed(texts) {
      const vectors: Float32Array[] = []
      while (vectors.length < texts.length)
        vectors.push(...(await cache.through(nextBatch(texts.slice(vectors.length)), embed)))
      return vectors
    },
  }
}
