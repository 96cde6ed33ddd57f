import type { Json } from '../../kernel/schema.ts'
import type { PromptForm } from '../prompt/prompt-form.ts'
import type { Assignment, InputFile } from '../prompt/task.ts'
import type { TimeLimits } from './timeouts.ts'
import type { AssistantPart, ToolCall, ToolOffer, ToolRound } from './tool-round.ts'

/** One model call; `model` overrides the default model. */
export type ModelRequest = Assignment & {
  readonly maxTokens?: number
  readonly temperature?: number
  readonly model?: string
  /** how the model is told, instead of its own form */
  readonly form?: PromptForm
  /** images and other files that go along; a model that does not offer to take them is not called */
  readonly files?: readonly InputFile[]
  /** what it may ask for before it answers */
  readonly tools?: readonly ToolOffer[]
  /** whether it may ask (`auto`, the default), has to (`required`), or has to answer with what it was told (`none`) */
  readonly toolChoice?: 'auto' | 'required' | 'none'
  /** what it has asked for so far, and was told */
  readonly rounds?: readonly ToolRound[]
}

/** A place in a document that supports the reply; `start` and `end` (exclusive) are offsets in the document's text. */
export type Citation = {
  readonly document: string
  readonly text: string
  readonly start?: number
  readonly end?: number
}

/** Tokens of one or several calls; a server that does not count reports 0. */
export type Usage = { readonly input: number; readonly output: number }

export type ModelReply = {
  readonly text: string
  /** what `text` says, checked against the schema; absent without a schema and when refused */
  readonly object?: Json
  readonly citations: readonly Citation[]
  readonly usage: Usage
  /** dollars, where the configuration tells its price */
  readonly cost?: number
  /** what it asks for instead of answering, or beside it; give `said` back with what came of it as a round */
  readonly calls?: readonly ToolCall[]
  readonly said?: readonly AssistantPart[]
  /** the id of the model that answered */
  readonly model: string
  /** it was kept of an earlier call, and took nothing now */
  readonly cached?: true
  /** what of that it was asked with it was not given, a sentence each */
  readonly lacks?: readonly string[]
  /** why the model declined to do it; `text` then says so in words */
  readonly refused?: string
  /** its text speaks of what is asked, and may not answer it; only models that measure it say so */
  readonly unsure?: true
  /** 0..1; only models that measure it give one, offline/extractive at most .7 */
  readonly confidence?: number
}

/** The budgets that pay for a call: those of runs and threads (`of`, by scope), and of their owner. */
export type CallPayer = {
  /** names the call: the same when it is made again after a crash */
  readonly id: string
  /** who makes it, as `kind/key` */
  readonly by: string
  readonly of: readonly string[]
}

/** Time limits, cancellation and payer of a call. */
export type CallOptions = TimeLimits & { readonly signal: AbortSignal; readonly payer?: CallPayer }

/** Options of a text call; `onDelta` receives the text as it streams. */
export type GenerateOptions = CallOptions & {
  /** whose turn it takes where threads for long computations are divided */
  readonly share?: string | undefined
  onDelta?(text: string): void
}
