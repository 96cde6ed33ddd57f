/**
 * The request of a model call, and its result. Steps, phases and goals describe each call in these words, whatever
 * the provider. `model/provider/` translates them for the packages of providers.
 */

import type { Json } from '../../kernel/json.ts'
import type { FileRef, FileVerdict, Note, ShownRef } from '../../lib/media/file-ref.ts'
import type { Priority } from '../../lib/priority.ts'
import type { PromptForm } from '../prompt/prompt-form.ts'
import type { Assignment, InputFile, JsonSchema } from '../prompt/task.ts'
import type { Reasoning } from './reasoning.ts'
import type { TimeLimits } from './timeouts.ts'

/** One model call; `model` overrides the default model. */
export type ModelRequest = Assignment & {
  /** tokens of the reply at most, with its thoughts */
  readonly maxTokens?: number
  /** how much the model thinks; absent: as its provider decides */
  readonly reasoning?: Reasoning
  readonly temperature?: number
  readonly model?: string
  /** the prompt form, instead of the model's own */
  readonly form?: PromptForm
  /** images and other files to send */
  readonly files?: readonly RequestFile[]
  /**
   * for `files` that the model does not take: it is not called (`refuse`, the default), or it gets one line for each of
   * them (`reduce`), as for files of rounds
   */
  readonly onUnreadable?: 'refuse' | 'reduce'
  /** tools that it may call before it answers */
  readonly tools?: readonly ToolOffer[]
  /** whether it may call tools (`auto`, the default), must call one (`required`), or answers from results (`none`) */
  readonly toolChoice?: 'auto' | 'required' | 'none'
  /** its earlier calls, with their results */
  readonly rounds?: readonly ToolRound[]
  /** for a reply whose end is missing; absent: `keep` */
  readonly onTruncated?: OnTruncated
  /** absent: as its model says, else `5m` with tools or rounds, and `off` for a single call */
  readonly promptCache?: PromptCache
}

/** A file of a request: a reference, whose bytes are read just before the call, or the bytes. */
export type RequestFile = InputFile | FileRef

/** How long a provider that wants marks keeps the beginning of a request, which costs less in the next request. */
export type PromptCache = (typeof PROMPT_CACHES)[number]
export const PROMPT_CACHES = ['off', '5m', '1h'] as const

/**
 * The treatment of a reply that the limit of tokens cut off: an error (`fail`), another call for the rest (`continue`),
 * or the part that came, with a note in `lacks` (`keep`). JSON that is not complete is an error, also with `keep`.
 */
export type OnTruncated = 'fail' | 'continue' | 'keep'

/** A place in a document that supports the reply; `start` and `end` (exclusive) are offsets in the document's text. */
export type Citation = {
  readonly document: string
  readonly text: string
  readonly start?: number
  readonly end?: number
}

/** Tokens of one or several calls. */
export type Usage = {
  readonly input: number
  readonly output: number
  /** the part of `input` that the provider read from its cache; absent: none */
  readonly cacheRead?: number
  /** the part of `input` that the provider wrote into its cache; absent: none */
  readonly cacheWrite?: number
  /** a provider reported no believable number, so antiphon estimated it */
  readonly estimated?: true
}

/** A file that a model did not get, and why. It got a line with its name, type, size and hash instead. */
export type ReducedFile = { readonly file: string; readonly name: string; readonly why: string }

export type ModelReply = {
  readonly text: string
  /** the value of `text`, checked against the schema; absent without a schema, and for a refusal */
  readonly object?: Json
  readonly citations: readonly Citation[]
  readonly usage: Usage
  /** dollars: the charge that the provider reports, else from the price in the configuration, if it states one */
  readonly cost?: number
  /** its tool calls, instead of an answer or besides it; send `said` back with their results as a round */
  readonly calls?: readonly ToolCall[]
  readonly said?: readonly AssistantPart[]
  /** the files that it made besides its text */
  readonly files?: readonly FileRef[]
  /** the id of the model that answered */
  readonly model: string
  /** it comes from the cache, and cost nothing now */
  readonly cached?: true
  /** parts of the request that the model did not get, or of the reply that did not come, one sentence each */
  readonly lacks?: readonly string[]
  /** the files that the model got one line for */
  readonly reduced?: readonly ReducedFile[]
  /** the end of `text` is missing; `lacks` says why. It has no `object` then, also with a schema. */
  readonly cut?: true
  /** the limit of tokens that it needed, because a smaller one left no room after the thoughts */
  readonly room?: number
  /** why the model declined; `text` then explains it in words */
  readonly refused?: string
  /** the text is about the question, but may not answer it; only models that measure this report it */
  readonly unsure?: true
  /** 0..1; only models that measure it report one; offline/extractive at most .7 */
  readonly confidence?: number
}

/** The budgets that pay for a call: those of runs and threads (`of`, by scope), and of their owner. */
export type CallPayer = {
  /** names the call: a call that is repeated after a crash has the same name */
  readonly id: string
  /** the actor that makes the call, as `kind/key` */
  readonly by: string
  readonly of: readonly string[]
  /** the order in which it waits for money; absent: normal */
  readonly priority?: Priority
  /** the work that makes the call; absent: no run and no goal does */
  readonly work?: WorkOfCall
}

/** The person and the work that a call is made for: facts of the engine and of the program, never of a model. */
export type CallFor = {
  /** the customer, or the user of the data folder (`local`) */
  readonly owner: string
  /** absent: no run makes the call */
  readonly run?: string
  /** the step of the run; for a call that an agent chose, the id that `agent show` shows, such as `call_1` */
  readonly step?: string
  /** the conversation, and the message whose answer the call belongs to */
  readonly conversation?: string
  readonly message?: string
  /** the goal, and its agent, that chose the call or started the run that makes it */
  readonly goal?: string
  readonly agent?: string
  /** what the program gave with the message, the goal or the run. It is frozen, and no model sees it. */
  readonly context?: Json
}

/** The person and the work that a call is made for, and the rules of the house that the work began with. */
export type WorkOfCall = { readonly for: CallFor; readonly rules?: readonly string[] | undefined }

/** Time limits, cancellation and payer of a call. */
export type CallOptions = TimeLimits & { readonly signal: AbortSignal; readonly payer?: CallPayer }

/** Reads the files of a request, and keeps those of its reply, for the owner of the work. */
export type FileReaders = {
  /** The bytes of a file. A request with references needs it. */
  readFile?(file: FileRef): Promise<Uint8Array>
  /** A picture within bounds (`side` in pixels); undefined: it cannot be made smaller here. */
  smallPicture?(
    file: FileRef,
    most: { readonly side: number; readonly bytes: number },
  ): Promise<{ readonly type: string; readonly data: Uint8Array } | undefined>
  /** The text that a reader found in a file, for a model that does not take the file. */
  readingOf?(file: FileRef): string | undefined
  /** Stores a file that the model made. Absent: there is no place for it, and the reply says so. */
  keepFile?(data: Uint8Array, name: string): Promise<FileRef>
  /** The verdicts of servers about the files; absent: nothing is known, and nothing is kept. */
  readonly verdicts?: FileVerdicts
}

/** The verdicts of servers about the files of an owner. */
export type FileVerdicts = {
  /** The verdicts of one server, by the ids of the files. */
  find(server: string, files: readonly string[]): Promise<ReadonlyMap<string, FileVerdict>>
  /** Notes that a server took files, or that it refused a request because of them, in these words. */
  note(server: string, files: readonly string[], words?: string): Promise<void>
}

/** Options of a text call; `onDelta` receives the text as it streams. */
export type GenerateOptions = CallOptions &
  FileReaders & {
    /** the caller whose share is used where calls compete for threads */
    readonly share?: string | undefined
    onDelta?(text: string): void
    /** The text begins again, and why. */
    onRestart?(reason: string): void
    /** The model is asked again, for this reason. */
    onAgain?(why: unknown): void
    /** Resolves when the call may leave this process; absent: it may leave at once. */
    whenDurable?(): Promise<void>
  }

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
