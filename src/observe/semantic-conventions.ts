/** The words for what a process does, a noun and a verb: work that takes time is a deed, what has happened is a fact. */
export type Deed =
  | { readonly name: 'request-answer'; readonly id: string; readonly method: string; readonly trace?: string }
  | ({ readonly name: 'turn-take'; readonly actor: string; readonly message: string } & Belonging)
  | { readonly name: 'effect-run'; readonly effect: string }
  | { readonly name: 'tool-call'; readonly tool: string }
  | { readonly name: 'model-call'; readonly model: string }

/** What is known of a deed only at its end. */
export type Noted = {
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

export type Fact =
  | EventFact
  | { readonly name: 'flush-end'; readonly ms: number }
  | ({ readonly name: 'letter-keep'; readonly id: string; readonly to: string; readonly code: string } & Thrown &
      Belonging)
  | ({
      readonly name: 'effect-fail'
      readonly actor: string
      readonly effect: string
      readonly code: string
    } & Thrown &
      Retried &
      Belonging)
  | { readonly name: 'disk-fail'; readonly code: string }
  /** a stored row that belongs to no actor that could be told */
  | { readonly name: 'row-damage'; readonly row: string }
  | { readonly name: 'export-fail'; readonly what: string }
  | { readonly name: 'stream-open' }
  | { readonly name: 'stream-close' }

/** Where in a user's code it was thrown. */
type Thrown = { readonly stack?: string }

/** A durable event of an actor, with the actor's index; its body says by `type` what has happened. */
export type EventFact = Belonging & {
  readonly name: 'event-keep'
  readonly of: string
  readonly n: number
  readonly body: unknown
  readonly index: { readonly [field: string]: string | number } | null
}

/** The run or ask that something belongs to, and the trace if it carries one. */
export type Belonging = { readonly work: string; readonly trace?: string }

/** What becomes of an effect that failed: it is tried again after `delay` ms, or it has failed for good. */
export type Retried = { readonly delay?: number }
