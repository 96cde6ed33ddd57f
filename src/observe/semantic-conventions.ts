/** The vocabulary of telemetry, a noun and a verb each: work that takes time is a span, an instant is an event. */
export type SpanInfo =
  | { readonly name: 'request-answer'; readonly id: string; readonly method: string; readonly trace?: string }
  | ({ readonly name: 'turn-take'; readonly actor: string; readonly message: string } & WorkContext)
  | { readonly name: 'effect-run'; readonly effect: string }
  | { readonly name: 'tool-call'; readonly tool: string }
  | { readonly name: 'model-call'; readonly model: string }

/** What is known of a span only at its end. */
export type SpanAttributes = {
  readonly route?: string
  readonly status?: number
  readonly model?: string
  readonly input?: number
  readonly output?: number
  /** dollars */
  readonly cost?: number
  /** the process ends before what was asked is done, which goes on after that */
  readonly interrupted?: boolean
  /** why it came to nothing: a code, never a text */
  readonly error?: string
}

export type ObservedEvent =
  | ActorEventRecord
  | { readonly name: 'flush-end'; readonly ms: number }
  | ({ readonly name: 'letter-keep'; readonly id: string; readonly to: string; readonly code: string } & ErrorStack &
      WorkContext)
  | ({
      readonly name: 'effect-fail'
      readonly actor: string
      readonly effect: string
      readonly code: string
    } & ErrorStack &
      EffectRetry &
      WorkContext)
  | { readonly name: 'disk-fail'; readonly code: string }
  /** a stored row that belongs to no actor that could be told */
  | { readonly name: 'row-damage'; readonly row: string }
  | { readonly name: 'export-fail'; readonly what: string }
  | { readonly name: 'stream-open' }
  | { readonly name: 'stream-close' }

/** Where in a user's code the error was thrown. */
type ErrorStack = { readonly stack?: string }

/** A durable event of an actor, with the actor's index; its body names by `type` what happened. */
export type ActorEventRecord = WorkContext & {
  readonly name: 'event-keep'
  readonly of: string
  readonly n: number
  readonly body: unknown
  readonly index: { readonly [field: string]: string | number } | null
}

/** The run or ask that something belongs to, and its trace if it carries one. */
export type WorkContext = { readonly work: string; readonly trace?: string }

/** The consequence of a failed effect: a retry after `delay` ms, or a permanent failure. */
export type EffectRetry = { readonly delay?: number }
