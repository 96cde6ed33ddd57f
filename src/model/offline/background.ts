import type { LanguageModelV4CallOptions, LanguageModelV4GenerateResult } from '@ai-sdk/provider'
import { type OffloadJob, processOffload } from '../../worker/offload/offload.ts'
import type { AskMain } from '../../worker/offload/runner.ts'
import type { Embedder } from '../embed/embedder.ts'
import { type EmbedderDescription, embedderPort, isDescribable, remoteEmbedder } from '../embed/embedder-in-thread.ts'
import { PROVIDER_OPTIONS_KEY } from '../model-id.ts'
import { respond } from './respond.ts'

/** Characters that can be read within a few dozen milliseconds. */
const MAX_INLINE_LENGTH = 32 * 1024
/** ms that one call may compute. */
const REPLY_TIMEOUT_MS = 60_000
const REPLY_JOB: OffloadJob = { file: new URL(import.meta.url), name: 'respondInThread' }

type Input = { readonly options: LanguageModelV4CallOptions; readonly embedder?: EmbedderDescription | undefined }

/** The offline model's reply. A reply to a long text is computed in a thread, where it blocks nothing else. */
export async function respondOffloaded(
  options: LanguageModelV4CallOptions,
  embedder: Embedder | undefined,
): Promise<LanguageModelV4GenerateResult> {
  const { abortSignal: signal, ...request } = options
  if (lengthOf(options) <= MAX_INLINE_LENGTH || !isDescribable(embedder)) return respond(options, embedder)
  signal?.throwIfAborted()
  const { calls, answers } = embedderPort(embedder, signal)
  const share = String(options.providerOptions?.[PROVIDER_OPTIONS_KEY]?.share ?? '')
  const terms = { share, deadline: REPLY_TIMEOUT_MS, what: 'Reading these texts', signal, answers }
  const input: Input = { options: request, embedder: calls }
  return processOffload().run(REPLY_JOB, input, terms) as Promise<LanguageModelV4GenerateResult>
}

export function respondInThread({ options, embedder }: Input, ask: AskMain): Promise<LanguageModelV4GenerateResult> {
  return respond(options, embedder && remoteEmbedder(embedder, ask))
}

function lengthOf({ prompt }: LanguageModelV4CallOptions): number {
  return prompt.reduce((sum, { content }) => sum + (typeof content === 'string' ? content.length : partsIn(content)), 0)
}

function partsIn(content: readonly object[]): number {
  return content.reduce((sum, part) => {
    if ('text' in part) return sum + String(part.text).length
    return sum + ('data' in part && part.data instanceof Uint8Array ? part.data.length : 0)
  }, 0)
}
