import type { EmbeddingModelV4 } from '@ai-sdk/provider'
import { RetryableError } from '../errors.ts'
import type { Embedder } from './embed.ts'
import { cachedEmbedder } from './embed-cache.ts'
import type { CallKind } from './kind-call.ts'

/** Characters of a text that are looked at, and of all texts in one call; texts in one call. */
const LONGEST_TEXT = 6_000
const LONGEST_BATCH = 100_000
const BATCH = 96
/** Providers refuse a text without a word. */
const NOTHING = '-'

/** Sentence vectors of a provider's model, made batch by batch; fails as a call of a model does. */
export function providerEmbedder(id: string, call: CallKind): Embedder {
  const embedBatch = (texts: readonly string[], signal: AbortSignal) =>
    call('embeddingModel', id, { signal }, (model, inner) => vectorsOf(model, texts, inner))
  return cachedEmbedder(
    {
      async embed(texts, signal = new AbortController().signal) {
        const vectors: Float32Array[] = []
        while (vectors.length < texts.length)
          vectors.push(...(await embedBatch(nextBatch(texts.slice(vectors.length)), signal)))
        return vectors
      },
      close: async () => {},
    },
    LONGEST_TEXT,
  )
}

/** The first of the texts: as many as one call may hold, at least one. */
export function nextBatch(texts: readonly string[]): readonly string[] {
  let characters = 0
  const end = texts.findIndex((text, at) => {
    characters += text.length
    return at > 0 && (at >= BATCH || characters > LONGEST_BATCH)
  })
  return end === -1 ? texts : texts.slice(0, end)
}

/** In portions of what the provider takes at once. */
async function vectorsOf(
  model: EmbeddingModelV4,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const most = Math.max(1, (await model.maxEmbeddingsPerCall) ?? BATCH)
  const vectors: Float32Array[] = []
  for (let from = 0; from < texts.length; from += most) {
    const values = texts.slice(from, from + most).map((text) => (text.trim() === '' ? NOTHING : text))
    const { embeddings } = await model.doEmbed({ values, abortSignal: signal })
    if (embeddings.length !== values.length)
      throw new RetryableError(`the model gave ${embeddings.length} vectors for ${values.length} texts`, {
        code: 'model_unavailable',
      })
    vectors.push(...embeddings.map(ofLengthOne))
  }
  return vectors
}

function ofLengthOne(vector: readonly number[]): Float32Array {
  const length = Math.hypot(...vector) || 1
  return Float32Array.from(vector, (value) => value / length)
}
