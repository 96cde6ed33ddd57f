import type { Problem } from '../errors.ts'
import type { Json, Schema } from './schema.ts'

/** The address of an actor, shown as kind/key. A kind matches `^[a-z][a-z0-9-]*$`. */
export type ActorRef = { readonly kind: string; readonly key: string }

/** A message on its way; immutable. `id` is its idempotency key: delivered twice, taken once. */
export type Envelope = {
  readonly v: 1
  readonly id: string
  readonly type: EnvelopeType
  readonly from: ActorRef | null
  readonly to: ActorRef
  /** ms since the epoch */
  readonly createdAt: number
  /** the id of the run or ask it belongs to */
  readonly correlationId: string
  /** id of the message that was handled when this one was sent */
  readonly cause: string | null
  readonly body: Json
  readonly replyTo?: ActorRef
  /** ms since the epoch; not delivered before */
  readonly due?: number
  readonly timer?: string
  /** the trace that it and all that follows from it belong to, as W3C's `traceparent` has it; absent: nobody looks */
  readonly trace?: string
}
export type EnvelopeType = 'request' | 'response' | 'event' | 'error' | 'watch' | 'down' | 'cancel' | 'stop' | 'resume'

/** The decision of a turn. The engine commits all of it or nothing. */
export type Turn<State = Json> = {
  /** small (≤ 64 KiB); absent: unchanged */
  readonly state?: State
  /** what grows: only the named parts are written; null removes one */
  readonly parts?: { readonly [name: string]: Json | null }
  /** sugar: a response to replyTo */
  readonly reply?: Json
  /** ≤ 256; more: go on by a message to oneself */
  readonly send?: readonly Send[]
  /** sugar: an error to replyTo; the message is taken, not dead-lettered */
  readonly refuse?: Problem
  /** null cancels */
  readonly timers?: { readonly [name: string]: Timer | null }
  /** durable facts, numbered without gap */
  readonly events?: readonly Json[]
  /**
   * ≤ 12 scalars, replaced as a whole, that lists filter and sort by. Engines read three to find
   * stranded actors: `status` (`running`: it has work), `waits` (see `Wait`), and `until` (it waits
   * for its own timer, ms since the epoch). The kernel reads `trace`: messages of an actor with a
   * trace belong to it.
   */
  readonly index?: ActorIndex
  /** be told `down`, once, when it stops or fails; at once when it is gone or has failed already */
  readonly watch?: readonly ActorRef[]
  /** that work there; correlationId absent: this message's */
  readonly cancel?: readonly Cancellation[]
  /**
   * true: the actor is gone, and callers without an answer get `actor_stopped` · false: it was
   * asked to stop and will do so when ready
   */
  readonly stop?: boolean
  /** it fails: its parent and its watchers are told, and it takes no messages until it is resumed or stopped */
  readonly escalate?: Problem
}
export type ActorIndex = { readonly [field: string]: string | number }
/**
 * The meaning of the index field `waits`: another actor, as `kind/key`, or something outside all
 * actors, as any other text.
 */
export type Wait = { readonly actor: ActorRef } | { readonly external: string }
export type Cancellation = { readonly of: ActorRef; readonly correlationId?: string; readonly reason?: string }

/** A message that a turn sends: taken by the engine with all else the turn decided, or not at all. */
export type Send = {
  readonly to: ActorRef
  readonly body: Json
  /**
   * stop: ends the actor at once, and the sender gets `down` like a watcher. With `keep: true` in
   * its body, the state stays, and the next message continues with it.
   */
  readonly type?: 'request' | 'response' | 'event' | 'error' | 'stop'
  readonly replyTo?: ActorRef
  /** its own id: a new run or ask */
  readonly correlationId?: string
}

/** A message to oneself after `delay` ms: the only way to be late. */
export type Timer = { readonly delay: number; readonly body: Json }

/** A failed attempt of an effect, as `supervise` sees it; `elapsed` ms that its attempts and the pauses between them took. */
export type Failure = {
  readonly effect: string
  readonly class: EffectClass
  readonly problem: Problem
  readonly attempt: number
  readonly elapsed: number
  readonly state: Json
  readonly message: Envelope
}

/** An envelope that is not the actor's own message. The actor may clean up, degrade or answer. */
export type Notice =
  | { readonly type: 'error'; readonly from: ActorRef | null; readonly problem: Problem }
  | { readonly type: 'down'; readonly of: ActorRef; readonly reason: 'gone' | 'stopped' | 'failed' }
  | { readonly type: 'cancelled'; readonly reason: string }
  /** keep: its state stays, since it is to be started again */
  | { readonly type: 'stop'; readonly reason: string; readonly keep?: true }

/** An outgoing message. The engine adds createdAt and due, so that a replay sends the same bytes. */
export type OutgoingMessage = Omit<Envelope, 'createdAt' | 'due'> & { readonly delay?: number }

/** pure: may be repeated and may start early · idempotent: may be repeated · at-most-once: never repeated. */
export type EffectClass = 'pure' | 'idempotent' | 'at-most-once'

/** The arguments of an effect. The key is the same for all attempts and restarts. */
export type EffectCall = { readonly signal: AbortSignal; readonly idempotencyKey: string; readonly attempt: number }

/** An effect and how it is journaled. */
export type Effect<T extends Json | void = Json> = {
  readonly name: string
  act(call: EffectCall): Promise<T> | T
  readonly effect?: EffectClass
}

/** The only door out of a turn. Effects run one after another, but those that are run at once; their names are unique within a turn and hold no `#`. */
export interface Effects {
  /**
   * Runs `effect` and journals its outcome; a replay gets the same outcome. Throws errors that
   * supervision does not handle.
   */
  run<T extends Json | void>(
    name: string,
    effect: (call: EffectCall) => Promise<T> | T,
    options?: { readonly effect?: EffectClass },
  ): Promise<T>
  /**
   * Runs effects side by side and journals each outcome as it comes; none is tried again, and none may be at-most-once. Resolves in their
   * order when all have ended; throws the first failure among them then.
   */
  runAll<T extends Json | void>(effects: readonly Effect<T>[]): Promise<readonly T[]>
  /** one's own part as of this turn */
  part(name: string): Promise<Json | undefined>
  /** volatile: tokens, progress; seen by who looks, never stored */
  emit(delta: Json): void
  /** ms since the epoch, journaled when first used */
  now(): Promise<number>
  readonly self: ActorRef
  readonly message: Envelope
  /** the number of one's own last event before this turn; 0: there was none */
  readonly events: number
}

/** How a kind of actor takes a message. */
// biome-ignore lint/suspicious/noExplicitAny: actors of all states and messages lie in one table
export interface Actor<State = any, Message = any> {
  readonly kind: string
  readonly message: Schema<Message>
  readonly version?: number
  initial(key: string): State
  receive(state: State, message: Message, effects: Effects): Turn<State> | Promise<Turn<State>>
  /** absent: error and down change nothing, cancelled and stop end it; after stop it ends anyway, unless it answers `stop: false` */
  notice?(state: State, notice: Notice, effects: Effects): Turn<State> | Promise<Turn<State>>
  /** a state of version `from` as version `from + 1` has it: called once for each version in between; throws when it cannot */
  upgrade?(state: Json, from: number): State | Json
  /** throws when a stored state does not have the shape that this code reads: the actor is quarantined with that reason; absent: every shape is taken */
  check?(state: Json, key: string): void
  /** what a failed effect means; pure; absent: five retries with backoff, then dead letter */
  supervise?(failure: Failure): Directive
  /**
   * A hint to the engine: this request creates the actor, is its only message, and will be answered quickly by an actor that then stops. An
   * engine with expensive messages runs such a turn inline, within the caller's turn, and cancels it with the caller's work. Absent: never.
   */
  inlinable?(message: Message): boolean | Promise<boolean>
  /** who hears an escalation */
  parent?(key: string): ActorRef
}

/** The directive of a supervisor for a failed effect. */
export type Directive =
  | { readonly type: 'retry'; readonly delay: number } // the effect again, in place, after ms
  | { readonly type: 'reset' } //                         initial state, next message
  | { readonly type: 'fail' } //                          dead-letter this message, keep the actor
  | { readonly type: 'stop' }
  | { readonly type: 'escalate' }

/** All an engine stores of an actor. It looks inside neither `state` nor `timers`. */
export type Cell = {
  readonly version: number
  /**
   * failed: takes no messages · quarantined: this code cannot read its state, and tries again with each message · halted: it was stopped and keeps
   * its state, and the next message brings it back
   */
  readonly status: 'live' | 'failed' | 'quarantined' | 'halted'
  /** why it is not live */
  readonly problem?: Problem
  /** it is to keep its state when it stops: it is halted then, and not gone */
  readonly halting?: true
  /** commits so far: the guard */
  readonly seq: number
  /** the number of the last event */
  readonly events: number
  readonly state: Json
  readonly watchers: readonly ActorRef[]
  /** correlationIds whose late mail is dropped */
  readonly cancelled: readonly string[]
  readonly timers: { readonly [name: string]: string }
  readonly index: ActorIndex | null
}

/** All that one turn changed: what an engine must make atomic. */
export type Commit = {
  readonly taken: Envelope
  /** null: stopped or never there; cell, parts, events and index go */
  readonly cell: Cell | null
  readonly parts: { readonly [name: string]: Json | null }
  readonly sends: readonly OutgoingMessage[]
  readonly events: readonly Json[]
}

/** The outcome of one attempt of an effect, as it is journaled; `ms`: how long it took to fail. */
export type EffectOutcome =
  | { readonly value: Json }
  | { readonly error: Problem; readonly ms?: number; readonly directive?: Directive }
