import { randomUUID } from 'node:crypto'
import type { Priority } from '../../lib/priority.ts'
import { NEEDS_HANDS, type WorkPool } from '../../worker/work-pool.ts'
import { type EmbeddingModels, embedderInPool } from './embed-in-pool.ts'
import type { Embedder } from './embedder.ts'

/** The caller of an encoder: the owner who pays, how urgent it is, and what cancels it. */
export type EncoderCall = {
  readonly owner: string
  /** the actor that pays: one that makes a call at a time, or absent for a call on its own */
  readonly by?: string
  readonly priority: Priority
  readonly signal: AbortSignal
}

/** The encoder of a configuration: the embedding model of a provider, else the one of this machine. */
export interface Encoder {
  /** the id of its model; vectors of two models cannot be compared */
  readonly model: string
  /** Whether it can tell texts like this one apart; absent: it can for any text. */
  understands?(text: string): boolean
  /** One vector of length one for each text. Rejects with the error of the model or of the pool. Never retried here. */
  encode(texts: readonly string[], call: EncoderCall): Promise<readonly Float32Array[]>
}

/** The id of the vectors that the encoder of this machine makes. */
const LOCAL_MODEL = 'local/use-lite-en'

/** The encoder that is installed or configured. Each call is a task of the pool. Undefined when there is none. */
export function createEncoder(
  pool: () => WorkPool,
  { embedder, ...models }: EmbeddingModels & { readonly embedder?: Embedder },
): Encoder | undefined {
  if (models.vectors) return providerEncoder(pool, { ...models, vectors: models.vectors })
  if (!embedder) return undefined
  const { understands } = embedder
  return {
    model: LOCAL_MODEL,
    ...(understands && { understands: (text: string) => understands(text) }),
    encode: (texts, { owner, priority, signal: caller }) =>
      pool().submit({
        signal: caller,
        share: owner,
        priority,
        needs: NEEDS_HANDS,
        run: (signal) => embedder.embed(texts, signal),
      }),
  }
}

function providerEncoder(
  pool: () => WorkPool,
  models: EmbeddingModels & Required<Pick<EmbeddingModels, 'vectors'>>,
): Encoder {
  return {
    model: models.vectors.model,
    encode(texts, { owner, by, priority, signal }) {
      const id = randomUUID()
      const payer = { id, by: by ?? `memory/${owner}/${id}`, of: [`owner/${owner}`], priority }
      return embedderInPool(pool(), models, { signal, share: owner, priority, key: id, payer })!.embed(texts)
    },
  }
}
