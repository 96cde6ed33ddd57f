import type { EmbeddingModelV4 } from '@ai-sdk/provider'
import { RetryableError } from '../../errors.ts'
import type { KindCaller } from '../call/call-kind.ts'
import { isAnswered } from '../call/error-words.ts'
import { maxTokensIn } from '../cost/cost-ceiling.ts'
import { reportedTokens, withFailedUsage } from '../cost/usage.ts'
import { readVectors } from '../provider/reply-form.ts'
import type { CallOptions } from '../request/request.ts'
import type { Embeddings, EmbedRequest } from './embedder.ts'

/** Only this many characters of a text are embedded. */
export const MAX_EMBEDDED_LENGTH = 6_000
/** The limits of one call, in characters and in texts. */
const MAX_BATCH_LENGTH = 100_000
const MAX_BATCH_TEXTS = 96
/** Providers reject an empty text. */
const EMPTY_TEXT = '-'

/** The vectors of a provider's model; fails as a text call does. */
export function embedTexts(
  call: KindCaller,
  { model: id, texts }: EmbedRequest,
  options: CallOptions,
): Promise<Embeddings> {
  return call('embeddingModel', id, options, (model, signal) => vectorsOf(id, model, texts, signal))
}

/** The first texts that fit into one call, at least one. */
export function nextBatch(texts: readonly string[]): readonly string[] {
  let characters = 0
  const end = texts.findIndex((text, at) => {
    characters += text.length
    return at > 0 && (at >= MAX_BATCH_TEXTS || characters > MAX_BATCH_LENGTH)
  })
  return end === -1 ? texts : texts.slice(0, end)
}

/** Embeds in batches that the provider accepts in one call. */
async function vectorsOf(
  id: string,
  model: EmbeddingModelV4,
  texts: readonly string[],
  abortSignal: AbortSignal,
): Promise<Embeddings> {
  const most = Math.max(1, (await model.maxEmbeddingsPerCall) ?? MAX_BATCH_TEXTS)
  const vectors: Float32Array[] = []
  let input = 0
  for (let from = 0; from < texts.length; from += most) {
    const values = texts.slice(from, from + most).map((text) => (text.trim() === '' ? EMPTY_TEXT : text))
    const tokens = values.reduce((sum, text) => sum + maxTokensIn(text), 0)
    const { embeddings, usage } = await asked(id, { before: input, tokens }, () =>
      readVectors(() => model.doEmbed({ values, abortSignal })),
    )
    input += reportedTokens(usage?.tokens) ?? tokens
    if (embeddings.length !== values.length) {
      const message = `The model gave ${embeddings.length} vectors for ${values.length} texts.`
      throw withFailedUsage(new RetryableError(message, { code: 'model_unavailable' }), spent(id, input))
    }
    vectors.push(...embeddings.map(ofLengthOne))
  }
  return { ...spent(id, input), vectors }
}

type BatchTokens = { readonly before: number; readonly tokens: number }

/** If a batch fails, its error carries the usage of the batches before it, and its own if the model has answered. */
async function asked<T>(id: string, { before, tokens }: BatchTokens, call: () => PromiseLike<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const input = before + (isAnswered(error) ? tokens : 0)
    throw input > 0 ? withFailedUsage(error as object, spent(id, input)) : error
  }
}

const spent = (model: string, input: number) => ({ model, usage: { input, output: 0 } })

function ofLengthOne(vector: readonly number[]): Float32Array {
  const length = Math.hypot(...vector) || 1
  return Float32Array.from(vector, (value) => value / length)
}
