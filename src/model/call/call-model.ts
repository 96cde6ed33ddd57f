import type {
  JSONSchema7,
  JSONValue,
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Message,
} from '@ai-sdk/provider'
import { OURS } from '../model-id.ts'
import type { Rendered } from '../prompt/task.ts'
import { filePartsOf } from '../request/files.ts'
import type { GenerateOptions, ModelRequest } from '../request/request.ts'
import { type Reading, withinTime } from '../request/timeouts.ts'
import { type RawReply, readStream, replyOf } from './reply.ts'
import { messagesOf, toolOptions } from './tool-calling.ts'

/** Held strictly to a schema, OpenAI refuses one in which a field may be left out. */
const NOT_STRICT = { strictJsonSchema: false }

/** Google and others refuse a message without a word. */
const NOTHING = '-'

/** One call of a model: the rendered task, and what was said since when it is asked again. */
export type ModelCall = {
  readonly model: LanguageModelV4
  readonly rendered: Rendered
  readonly request: ModelRequest
  readonly since: readonly LanguageModelV4Message[]
}

/**
 * Asks the model once, as a stream when somebody listens; rejects with what its provider throws, after an abort with the signal's reason, and with a
 * TimeoutError when it takes too long.
 */
export async function callModel(call: ModelCall, options: GenerateOptions): Promise<RawReply> {
  const { signal, onDelta } = options
  signal.throwIfAborted()
  return withinTime(options, signal, (inner, reading) => {
    const asked = optionsOf(call, inner, options.share)
    return onDelta ? streamed(call.model, asked, reading, onDelta) : generated(call.model, asked)
  })
}

async function generated(model: LanguageModelV4, asked: LanguageModelV4CallOptions): Promise<RawReply> {
  return replyOf(await model.doGenerate(asked))
}

async function streamed(
  model: LanguageModelV4,
  asked: LanguageModelV4CallOptions & { readonly abortSignal: AbortSignal },
  reading: Reading,
  onDelta: (text: string) => void,
): Promise<RawReply> {
  reading.begin()
  const { stream } = await model.doStream(asked)
  return readStream(stream, { signal: asked.abortSignal, heard: reading.heard, onDelta })
}

function optionsOf({ model: _, rendered, request, since }: ModelCall, signal: AbortSignal, share?: string) {
  const { system, prompt, offline } = rendered
  const { maxTokens, temperature, schema, files = [], tools, toolChoice, rounds = [] } = request
  return {
    prompt: [
      ...(system ? [{ role: 'system' as const, content: system }] : []),
      { role: 'user' as const, content: [...filePartsOf(files), { type: 'text' as const, text: prompt || NOTHING }] },
      ...rounds.flatMap(messagesOf),
      ...since,
    ],
    abortSignal: signal,
    ...toolOptions(tools, toolChoice),
    providerOptions: {
      ...{ offline: offlineOptions(offline), openaiCompatible: NOT_STRICT, openai: NOT_STRICT },
      ...(share !== undefined && { [OURS]: { share } }),
    },
    ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(schema && { responseFormat: { type: 'json' as const, schema: schema as JSONSchema7 } }),
  }
}

/** The assignment as the JSON it is; the SDK's type does not know readonly data. */
function offlineOptions(offline: Rendered['offline']): { [key: string]: JSONValue } {
  return offline as unknown as { [key: string]: JSONValue }
}
