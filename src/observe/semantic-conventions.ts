/** The vocabulary of telemetry. Work with a duration is a span, an instant is an event. */
export type SpanInfo =
  | { readonly name: 'request-answer'; readonly id: string; readonly method: string; readonly trace?: string }
  | ({ readonly name: 'turn-take'; readonly actor: string; readonly message: string } & WorkContext & AgentAtWork)
  | { readonly name: 'effect-run'; readonly effect: string }
  | ({ readonly name: 'tool-call'; readonly tool: string; readonly call?: string } & AgentAtWork)
  | { readonly name: 'model-call'; readonly model: string }

/** The agent that works, and the conversation that it works in; absent: there is none. */
export type AgentAtWork = { readonly agent?: string; readonly conversation?: string }

/** Attributes known only at the end of a span. */
export type SpanAttributes = {
  readonly route?: string
  readonly status?: number
  readonly model?: string
  readonly input?: number
  readonly output?: number
  /** the parts of `input` that the provider read from its cache, and wrote into it */
  readonly cacheRead?: number
  readonly cacheWrite?: number
  /** dollars */
  readonly cost?: number
  /** where foreign code ran */
  readonly sandbox?: string
  /** the process stops before the work is done; the work continues later */
  readonly interrupted?: boolean
  /** error code, never a text */
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
  /** a damaged row whose actor is unknown */
  | { readonly name: 'row-damage'; readonly row: string }
  | { readonly name: 'export-fail'; readonly what: string; readonly because?: string }
  | { readonly name: 'stream-open' }
  | { readonly name: 'stream-close' }

/** Frames of user code. */
type ErrorStack = { readonly stack?: string }

/** A durable event of an actor, with the index of the actor. `type` of its body names the event. */
export type ActorEventRecord = WorkContext & {
  readonly name: 'event-keep'
  readonly of: string
  readonly n: number
  readonly body: unknown
  readonly index: { readonly [field: string]: string | number } | null
}

/** The run or ask of a record, and its trace if known. */
export type WorkContext = { readonly work: string; readonly trace?: string }

/** The consequence of a failed effect: a retry after `delay` ms, or a permanent failure. */
type EffectRetry = { readonly delay?: number }
