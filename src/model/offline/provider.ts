/**
 * The offline model: it answers from the text that it is given, by rules and rankings, without a network. Use it to
 * try pipelines and asks, and in tests. It refuses a task that it cannot do, and never invents an answer.
 */

import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Citation,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider'
import type { Embedder } from '../embed/embedder.ts'
import { OFFLINE_MODEL, OFFLINE_PROVIDER } from '../model-id.ts'
import { respondOffloaded } from './background.ts'

const TEXT_ID = '0'

/**
 * offline/extractive: answers, summarises, chooses, decides, lists and fills schemas by selecting from the given text.
 * The same text always gives the same reply. It refuses other tasks, with the finish reason `refused` and the
 * explanation in `providerMetadata.offline`. With an embedder it also ranks by meaning.
 */
export function extractiveModel(embedder?: Embedder): LanguageModelV4 {
  const generate = (options: LanguageModelV4CallOptions) => respondOffloaded(options, embedder)
  return {
    specificationVersion: 'v4',
    provider: OFFLINE_PROVIDER,
    modelId: OFFLINE_MODEL,
    supportedUrls: {},
    doGenerate: generate,
    doStream: async (options) => ({ stream: streamOf(await generate(options), options.abortSignal) }),
  }
}

/** The reply word by word, as fast as the reader takes it. */
function streamOf(
  result: LanguageModelV4GenerateResult,
  signal: AbortSignal | undefined,
): ReadableStream<LanguageModelV4StreamPart> {
  const parts = partsOf(result)
  return new ReadableStream({
    pull(controller) {
      if (signal?.aborted) return controller.error(signal.reason)
      const { value, done } = parts.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
  })
}

function* partsOf(result: LanguageModelV4GenerateResult): Generator<LanguageModelV4StreamPart, void> {
  const { finishReason, usage, warnings, providerMetadata, response, content } = result
  yield { type: 'stream-start', warnings }
  yield { type: 'response-metadata', ...(response?.modelId !== undefined && { modelId: response.modelId }) }
  for (const part of content) if (part.type === 'text') yield* textPartsOf(part.text, part.citations)
  yield { type: 'finish', finishReason, usage, ...(providerMetadata && { providerMetadata }) }
}

function* textPartsOf(
  text: string,
  citations: LanguageModelV4Citation[] = [],
): Generator<LanguageModelV4StreamPart, void> {
  yield { type: 'text-start', id: TEXT_ID }
  for (const delta of text.match(/(?:^\s+)?\S+\s*/g) ?? []) yield { type: 'text-delta', id: TEXT_ID, delta }
  yield { type: 'text-end', id: TEXT_ID, citations }
}
