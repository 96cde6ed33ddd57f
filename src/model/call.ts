import type { JSONSchema7, JSONValue, LanguageModelV4 } from '@ai-sdk/provider'
import type { ModelMessage } from 'ai'
import type { GenerateOptions, ModelRequest, Usage } from './spec.ts'
import type { JsonSchema, Rendered } from './task.ts'
import { usageOf } from './usage.ts'

/** One call of a model: the rendered task, and what was said since when it is asked again. */
export type ModelCall = {
  readonly model: LanguageModelV4
  readonly rendered: Rendered
  readonly request: ModelRequest
  readonly since: readonly ModelMessage[]
}

/** What came back, before it is checked. */
export type RawReply = {
  readonly text: string
  readonly citations: readonly RawCitation[]
  readonly finishReason: string
  readonly usage: Usage
  readonly metadata: { readonly [provider: string]: { readonly [key: string]: JSONValue | undefined } }
}
export type RawCitation = {
  readonly citedText?: string
  readonly source: { readonly id: string; readonly title?: string; readonly providerMetadata?: RawReply['metadata'] }
}

type Content = readonly { readonly type: string; readonly citations?: readonly RawCitation[] }[]

/** Asks the model once, as a stream when somebody listens; rejects with what the SDK throws, after an abort with the signal's reason. */
export async function callModel(call: ModelCall, { signal, onDelta }: GenerateOptions): Promise<RawReply> {
  globalThis.AI_SDK_LOG_WARNINGS = false
  return onDelta ? streamReply(call, signal, onDelta) : generateReply(call, signal)
}

async function generateReply(call: ModelCall, signal: AbortSignal): Promise<RawReply> {
  const { generateText } = await import('ai')
  const { text, content, finishReason, usage, finalStep } = await generateText(await settingsOf(call, signal))
  return replyOf(text, content, finishReason, usageOf(usage), finalStep.providerMetadata)
}

/** The stream does not throw: errors and aborts are parts of it. */
async function streamReply(call: ModelCall, signal: AbortSignal, onDelta: (text: string) => void): Promise<RawReply> {
  const { streamText } = await import('ai')
  const result = streamText({ ...(await settingsOf(call, signal)), onError() {} })
  for await (const part of result.stream) {
    if (part.type === 'text-delta') onDelta(part.text)
    if (part.type === 'error') throw part.error
    if (part.type === 'abort') throw signal.reason
  }
  const [text, content, finishReason, usage, step] = await Promise.all([
    result.text,
    result.content,
    result.finishReason,
    result.usage,
    result.finalStep,
  ])
  return replyOf(text, content, finishReason, usageOf(usage), step.providerMetadata)
}

/** Retries are the caller's, and nothing that is said goes into telemetry. */
async function settingsOf({ model, rendered, request, since }: ModelCall, signal: AbortSignal) {
  const { system, prompt, offline } = rendered
  const { maxTokens, temperature, schema } = request
  return {
    model,
    messages: [{ role: 'user' as const, content: prompt }, ...since],
    maxRetries: 0,
    abortSignal: signal,
    telemetry: { functionId: 'antiphon.model', recordInputs: false, recordOutputs: false },
    providerOptions: { offline: offlineOptions(offline), openaiCompatible: { strictJsonSchema: false } },
    ...(system && { instructions: system }),
    ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(schema && { output: await jsonOutput(schema) }),
  }
}

/** The assignment as the JSON it is; the SDK's type does not know readonly data. */
function offlineOptions(offline: Rendered['offline']): { [key: string]: JSONValue } {
  return offline as unknown as { [key: string]: JSONValue }
}

/** Asks for JSON of a schema and hands back its text: parsing, checking and asking again are ours. */
async function jsonOutput(schema: JsonSchema) {
  const { Output } = await import('ai')
  return {
    ...Output.text(),
    name: 'json',
    responseFormat: Promise.resolve({ type: 'json' as const, schema: schema as JSONSchema7 }),
  }
}

function replyOf(
  text: string,
  content: Content,
  finishReason: string,
  usage: Usage,
  metadata: RawReply['metadata'] = {},
): RawReply {
  return { text, citations: content.flatMap((part) => part.citations ?? []), finishReason, usage, metadata }
}
