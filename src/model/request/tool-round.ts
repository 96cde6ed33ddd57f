import type { Json } from '../../kernel/json.ts'
import type { Note, ShownRef } from '../../lib/media/file-ref.ts'
import type { JsonSchema } from '../prompt/task.ts'

/** A tool that a model may call, with a description and a schema of its input. */
export type ToolOffer = { readonly name: string; readonly description: string; readonly schema: JsonSchema }

/** A call by a model. */
export type ToolCall = {
  readonly id: string
  readonly name: string
  /** absent: it is not JSON */
  readonly input?: Json
  /** the beginning of an input that is not JSON */
  readonly unread?: string
  /** the reply reached its limit of tokens inside this call */
  readonly cut?: true
}

/**
 * The result of a call; a failed one is reported to the model as such. `files`: what it shows besides its output. A
 * model that takes them sees them in the result or next to it, others get one line for each.
 */
export type ToolResult = {
  readonly id: string
  readonly name: string
  readonly output: Json
  readonly failed?: true
  readonly files?: readonly ShownRef[]
}

/** A piece of a model's message, in the provider's own format: plain data to be sent back. */
export type AssistantPart = { readonly type: 'text' | 'reasoning' | 'tool-call'; readonly [field: string]: Json }

/**
 * A model's message with its calls, and the results. `told`: texts that the model got before its message. `now`: texts
 * behind them that only this request shows.
 */
export type ToolRound = {
  readonly told?: readonly Note[]
  readonly now?: readonly Note[]
  readonly said: readonly AssistantPart[]
  readonly results: readonly ToolResult[]
}
