import type {
  JSONValue,
  LanguageModelV4Content,
  LanguageModelV4Reasoning,
  LanguageModelV4StreamPart,
  LanguageModelV4Text,
  LanguageModelV4ToolCall,
  LanguageModelV4Usage,
} from '@ai-sdk/provider'
import { RetryableError } from '../../errors.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { maxTokensIn } from '../cost/cost-ceiling.ts'
import type { Spent } from '../cost/price.ts'
import { spentFor, toSpent, type UsageEstimate, withFailedUsage } from '../cost/usage.ts'
import { CHAT_PICTURES, CHAT_THOUGHTS } from '../provider/chat-thoughts.ts'
import { EMPTY_TEXT } from '../provider/mend/calls.ts'
import { endingOf, type FinishReason, type ReplyEnding } from '../reply/ending.ts'
import { type MadeFile, madeFiles } from '../reply/made-files.ts'
import { createSpokenText, spokenOf } from '../reply/spoken.ts'
import { type ChatThoughts, thoughtsPart } from '../request/chat-thoughts.ts'
import type { AssistantPart, ToolCall } from '../request/request.ts'
import { createCallIds } from '../wire/call-ids.ts'
import { isAnswered, type ProviderError } from './error-words.ts'
import { asBreak } from './failure.ts'
import { CALL_FAULTS } from './failure-kinds.ts'
import { withoutRepetitions } from './repeated-calls.ts'
import { toToolCall } from './tool-calling.ts'

type Metadata = { readonly [provider: string]: { readonly [key: string]: JSONValue | undefined } }

export type RawReply = Spent & {
  readonly text: string
  readonly citations: readonly RawCitation[]
  readonly ending: ReplyEnding
  readonly metadata: Metadata
  readonly calls: readonly ToolCall[]
  /** the model's own message, which the next request repeats with the results of its calls; empty without calls */
  readonly said: readonly AssistantPart[]
  /** the files that the model made */
  readonly files: readonly MadeFile[]
  /** parts of the request that the model did not get, one sentence each */
  readonly lacks?: readonly string[]
}
export type RawCitation = {
  readonly citedText?: string
  readonly source: { readonly id: string; readonly title?: string; readonly providerMetadata?: Metadata }
}

/** A provider's reply, complete or streamed. */
type ProviderReply = {
  readonly content: readonly LanguageModelV4Content[]
  readonly structuredOutputText?: string
  readonly finishReason: FinishReason
  readonly usage?: Partial<LanguageModelV4Usage>
  readonly providerMetadata?: Metadata | undefined
}

/** The model of a call, and the upper bound for its request. */
export type InputEstimate = Omit<UsageEstimate, 'output'> & { readonly model: string }

/** The reply in a provider's response. If there are several answers to one schema, the provider marks the right one. */
export function toRawReply(
  { content: given, structuredOutputText, finishReason, usage, providerMetadata = {} }: ProviderReply,
  estimate: InputEstimate,
): RawReply {
  const content = withIds(withoutRepetitions(given))
  const texts = content.filter((part) => part.type === 'text')
  // calls that the provider executes itself need no result from us
  const calls = content.filter((part) => part.type === 'tool-call').filter((call) => !call.providerExecuted)
  return {
    text: structuredOutputText ?? spokenOf(texts.map((part) => part.text).join('')),
    citations: texts.flatMap(({ citations = [] }) => citations),
    ending: explained(endingOf(finishReason), providerMetadata),
    ...toSpent(usage, { ...estimate, output: () => maxOutput(content) }),
    metadata: providerMetadata,
    calls: calls.map((part) =>
      isCut(part, content, finishReason) ? { ...toToolCall(part), cut: true } : toToolCall(part),
    ),
    said: calls.length === 0 ? [] : [...thoughtsIn(providerMetadata), ...content.flatMap(saidPart)],
    files: madeFiles(content, (providerMetadata[CHAT_PICTURES]?.urls ?? []) as readonly string[]),
  }
}

/** An ending with the provider's own explanation of it. */
function explained(ending: ReplyEnding, metadata: Metadata): ReplyEnding {
  if (ending.type !== 'malformed' && ending.type !== 'refused') return ending
  const [words] = Object.values(metadata).flatMap(explanationsIn)
  return words === undefined ? ending : { ...ending, why: `${ending.why}: ${words}` }
}

/** Google says it as `finishMessage`, Anthropic in `stopDetails`. */
function explanationsIn({ finishMessage, stopDetails }: Metadata[string]): readonly string[] {
  const { category, explanation } = isJsonObject(stopDetails) ? (stopDetails as Metadata[string]) : {}
  const details = [category, explanation].filter((one) => isText(one)).join(': ')
  return [finishMessage, details].filter(isText)
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

/** How a reply of the chat protocol gave its thoughts. */
const thoughtsIn = ({ [CHAT_THOUGHTS]: thoughts }: Metadata): AssistantPart[] =>
  thoughts ? [thoughtsPart(thoughts as ChatThoughts)] : []

/** The content of a reply with unique call ids, by which results are matched. */
function withIds(content: readonly LanguageModelV4Content[]): readonly LanguageModelV4Content[] {
  const ids = createCallIds()
  return content.map((part) =>
    part.type === 'tool-call' && !part.providerExecuted ? { ...part, toolCallId: ids(part.toolCallId) } : part,
  )
}

/** A provider with this word for the limit of tokens may give half of the parameters as a whole object. */
const MAX_TOKENS = /^max_?tokens$/i

/** Whether a call was cut off: its parameters may be incomplete. */
function isCut(
  part: LanguageModelV4ToolCall,
  content: readonly LanguageModelV4Content[],
  reason: FinishReason,
): boolean {
  if (endingOf(reason).type !== 'cut') return false
  const { raw = '' } = reason
  const { input } = toToolCall(part)
  if (part !== content.at(-1)) return input === undefined
  return input === undefined || part.input.trim() === '' || MAX_TOKENS.test(raw)
}

/** The maximum tokens of a reply: its texts, its thoughts and its calls. */
function maxOutput(content: readonly LanguageModelV4Content[]): number {
  const texts = content.flatMap((part) => {
    if (part.type === 'text' || part.type === 'reasoning') return part.text
    return part.type === 'tool-call' ? part.toolName + part.input : []
  })
  return texts.reduce((sum, text) => sum + maxTokensIn(text), 0)
}

/** A piece of content as the next request repeats it, with the provider's own metadata. */
function saidPart(part: LanguageModelV4Content): AssistantPart[] {
  const { providerMetadata: metadata } = part
  // a thought without a signature goes back as one that never had any
  const isNoted = metadata !== undefined && metadata.anthropic?.signature !== ''
  const noted = isNoted ? { providerOptions: metadata as AssistantPart[string] } : {}
  if (part.type === 'file' && part.mediaType === EMPTY_TEXT) return [{ type: 'text', text: '', ...noted }]
  if (part.type === 'text' || part.type === 'reasoning')
    return part.text === '' && !isNoted ? [] : [{ type: part.type, ...textOfPart(part), ...noted }]
  return part.type === 'tool-call' && !part.providerExecuted ? [saidCall(part, noted)] : []
}

/** A text that goes back as it came, and the part of it that people read. */
function textOfPart({ type, text }: LanguageModelV4Text | LanguageModelV4Reasoning) {
  const spoken = type === 'text' ? spokenOf(text) : text
  return spoken === text ? { text } : { text: spoken, whole: text }
}

function saidCall(part: LanguageModelV4ToolCall, noted: object): AssistantPart {
  const { id, name, input } = toToolCall(part)
  return { type: 'tool-call', toolCallId: id, toolName: name, input: isJsonObject(input) ? input : {}, ...noted }
}

/** Receives a streamed reply: `heard` is called for every piece, `onDelta` with its text. */
type ReplyListener = {
  readonly signal: AbortSignal
  /** The text that was heard is a thought, and the answer begins. */
  onRestart?(reason: string): void
  heard(): void
  onDelta(text: string): void
}

/**
 * Reads a streamed reply to its end and passes on each piece of its text. Throws an error that the provider reports,
 * and a RetryableError when the stream breaks off. An abort, or a listener that throws, closes the stream.
 */
export async function readReplyStream(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  { signal, heard, onDelta, onRestart }: ReplyListener,
  estimate: InputEstimate,
): Promise<RawReply> {
  const content = createContent()
  const spoken = createSpokenText()
  const tell = (text: string) => text !== '' && onDelta(text)
  let ending: Omit<ProviderReply, 'content'> | undefined
  let hasBegun = false
  try {
    for await (const part of stream) {
      signal.throwIfAborted()
      if (part.type !== 'stream-start') heard()
      hasBegun ||= isContent(part)
      if (part.type === 'error') throw part.error
      if (part.type === 'finish') ending = part
      content.add(part)
      if (part.type !== 'text-delta') continue
      const { text, isAgain } = spoken.push(part.delta)
      if (isAgain) onRestart?.('what came so far was a thought of the model')
      tell(text)
    }
    tell(spoken.end())
    if (!ending) throw content.read().length > 0 ? brokenReply(estimate.model) : unsaidReply(estimate.model)
  } catch (error) {
    // after an abort the budget decides: it knows what its listener heard
    if (signal.aborted) throw error
    throw withAnsweredUsage(hasBegun ? asBreak(error) : error, estimate, maxOutput(content.read()))
  }
  return toRawReply({ ...ending, content: content.read() }, estimate)
}

/** Whether a part of a stream belongs to the text, the thoughts, the calls or the files of a reply. */
const isContent = ({ type }: LanguageModelV4StreamPart) => /^(?:(?:text|reasoning|tool)-|file$)/.test(type)

/** The error with the estimated usage of its call, if the model has answered, even if the reply is not readable. */
export function withAnsweredUsage(error: unknown, estimate: InputEstimate, output = 0): unknown {
  if (typeof error !== 'object' || error === null || (output === 0 && !isAnswered(error))) return error
  const { responseBody = '' } = error as ProviderError
  const usage = { input: estimate.input(), output: output || maxTokensIn(responseBody), estimated: true } as const
  return withFailedUsage(error, { model: estimate.model, ...spentFor(usage, estimate) })
}

/** The error for a reply whose provider says that it failed. */
export const interruptedReply = (model: string): RetryableError =>
  new RetryableError(`The reply of ${model} ended early.`, { code: CALL_FAULTS.network.code })

/** The error for a stream that ended in the middle of a reply. */
const brokenReply = (model: string): RetryableError =>
  new RetryableError(`The reply of ${model} ended early.`, { code: CALL_FAULTS.broken.code })

/** The error for a reply that broke off before its first word. One that ended for a reason is an empty reply. */
export const unsaidReply = (model: string): RetryableError =>
  new RetryableError(`The provider of ${model} answered, but the reply ended before the model said anything.`, {
    code: 'model_unavailable',
    hint: 'If this repeats, check the `baseURL` of the provider and any proxy in front of it.',
  })

/** The content of a streamed reply so far, in the order in which its pieces began. */
interface ReplyContent {
  add(part: LanguageModelV4StreamPart): void
  read(): readonly LanguageModelV4Content[]
}

type GrowingContent = LanguageModelV4Text | LanguageModelV4Reasoning
type ContentDelta = Extract<LanguageModelV4StreamPart, { readonly id: string }>

/** Assembles texts, thoughts, tool calls and files from their parts. */
function createContent(): ReplyContent {
  const content: LanguageModelV4Content[] = []
  const open = new Map<string, GrowingContent>()
  const growing = (type: GrowingContent['type'], { id }: ContentDelta): GrowingContent => {
    const found = open.get(type + id) ?? { type, text: '' }
    if (!open.has(type + id)) content.push(found)
    open.set(type + id, found)
    return found
  }
  const grow = (type: GrowingContent['type'], part: ContentDelta) => {
    const piece = growing(type, part)
    if ('delta' in part) piece.text += part.delta
    if (part.providerMetadata) piece.providerMetadata = { ...piece.providerMetadata, ...part.providerMetadata }
    if ('citations' in part && part.citations) Object.assign(piece, { citations: part.citations })
    if (part.type.endsWith('-end')) open.delete(type + part.id)
  }
  return {
    add(part) {
      if (part.type === 'tool-call' || part.type === 'file') content.push(part)
      else if (isOf('text', part)) grow('text', part)
      else if (isOf('reasoning', part)) grow('reasoning', part)
    },
    read: () => content,
  }
}

function isOf(type: GrowingContent['type'], part: LanguageModelV4StreamPart): part is ContentDelta {
  return part.type === `${type}-start` || part.type === `${type}-delta` || part.type === `${type}-end`
}
