/**
 * Actors. An actor has an address, a state and a mailbox. A turn takes one message and returns what changes: state,
 * messages, a reply, events. The kernel makes a commit of it in pure functions; an engine makes the commit durable.
 */

import type { Problem } from '../errors.ts'
import type { CountedAttempt, FailedAttempt, SentMark } from './faults.ts'
import type { Json } from './json.ts'
import type { ActorRef } from './ref.ts'
import type { Schema } from './schema.ts'

export type { ActorRef } from './ref.ts'

/** The address of an actor whose messages and replies have types: `counter.at('orders')`. */
export type ActorAt<Message = unknown, Reply = unknown> = ActorRef & {
  /** types only */
  readonly '~types': { readonly message: Message; readonly reply: Reply }
}

/** An address without types. */
export type PlainRef = ActorRef & { readonly '~types'?: never }

/** A message in flight; immutable. `id` is its idempotency key: a message that is delivered twice is handled once. */
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
  /** the trace of this message and of all that follows from it, as a W3C `traceparent`; absent: not traced */
  readonly trace?: string
}
type EnvelopeType = 'request' | 'response' | 'event' | 'error' | 'watch' | 'down' | 'cancel' | 'stop' | 'resume'

/** The decision of a turn. The engine commits all of it or nothing. */
export type Turn<State = Json> = {
  /** small (≤ 64 KiB); absent: unchanged */
  readonly state?: State
  /** for data that grows: only the named parts are written; null removes one */
  readonly parts?: { readonly [name: string]: Json | null }
  /** shorthand for a response to replyTo */
  readonly reply?: Json
  /** ≤ 256; for more, send a message to yourself and continue there */
  readonly send?: readonly Send[]
  /** shorthand for an error to replyTo; the message counts as handled and is not dead-lettered */
  readonly refuse?: Problem
  /** null cancels */
  readonly timers?: { readonly [name: string]: Timer | null }
  /** durable facts, numbered without gaps */
  readonly events?: readonly Json[]
  /**
   * ≤ 12 scalars, replaced as a whole, that lists filter and sort by. Engines read three to find
   * stranded actors: `status` (`running`: it has work), `waits` (see `Wait`), and `until` (it waits
   * for its own timer, ms since the epoch). The kernel reads `trace`: messages of an actor with a
   * trace belong to it.
   */
  readonly index?: ActorIndex
  /** each sends one `down` notice when it stops or fails, or at once if it does not exist or has already failed */
  readonly watch?: readonly ActorRef[]
  /** cancels work in other actors; correlationId absent: that of this message */
  readonly cancel?: readonly Cancellation[]
  /**
   * true: ends the actor; callers without a reply get `actor_stopped` · false: the reply to a `stop`
   * notice of an actor that will stop later
   */
  readonly stop?: boolean
  /** the actor fails: its parent and its watchers are notified, and it takes no messages until resumed or stopped */
  readonly escalate?: Problem
}
export type ActorIndex = { readonly [field: string]: string | number }
/** The index field `waits`: another actor, as `kind/key`, or something outside all actors, as any other text. */
export type Wait = { readonly actor: ActorRef } | { readonly external: string }
export type Cancellation = { readonly of: ActorRef; readonly correlationId?: string; readonly reason?: string }

/** A message that a turn sends. The engine commits it with the rest of the turn, or not at all. */
export type Send = {
  readonly to: ActorRef
  readonly body: Json
  /**
   * stop: ends the actor at once, and the sender gets `down` like a watcher. With `keep: true` in
   * its body, the state stays, and the next message continues with it.
   */
  readonly type?: 'request' | 'response' | 'event' | 'error' | 'stop'
  readonly replyTo?: ActorRef
  /** absent: that of the handled message; set it for a new run or ask */
  readonly correlationId?: string
}

/** A message to the actor itself after `delay` ms. */
export type Timer = { readonly delay: number; readonly body: Json }

/** A failed attempt of an effect, as `supervise` gets it. `elapsed`: ms of all its attempts and pauses between them. */
export type Failure = {
  readonly effect: string
  readonly class: EffectClass
  readonly problem: Problem
  readonly attempt: number
  readonly elapsed: number
  readonly state: Json
  readonly message: Envelope
}

/** A report of the engine to the actor. `undelivered`: the message that ended its process on each try. */
export type Notice =
  | { readonly type: 'error'; readonly from: ActorRef | null; readonly problem: Problem; readonly undelivered?: Json }
  | { readonly type: 'down'; readonly of: ActorRef; readonly reason: 'gone' | 'stopped' | 'failed' }
  | { readonly type: 'cancelled'; readonly reason: string }
  /** keep: the state stays, because the actor will be restarted */
  | { readonly type: 'stop'; readonly reason: string; readonly keep?: true }

/** An outgoing message. The engine adds createdAt and due, so that a replay sends the same bytes. */
export type OutgoingMessage = Omit<Envelope, 'createdAt' | 'due'> & { readonly delay?: number }

/** pure: may be repeated and may start early · idempotent: may be repeated · at-most-once: never repeated. */
export type EffectClass = 'pure' | 'idempotent' | 'at-most-once'

/** The arguments of an effect. The key is the same for all attempts and restarts. */
export type EffectCall = {
  readonly signal: AbortSignal
  readonly idempotencyKey: string
  readonly attempt: number
  /** absent: an attempt that a kill cuts off does not count, and the next process makes it again */
  readonly counted?: CountedAttempt
  /** Does the work when its mark is on disk; a kill before leaves no doubt. Absent: it has none, or has it already. */
  begin?<T>(work: () => Promise<T> | T): Promise<T>
  /** Resolves when the causes of the turn are on disk; nothing may leave before. Only for an effect that `prepares`. */
  whenDurable?(): Promise<void>
}

/** `counted`: an attempt that a kill cuts off counts. An at-most-once effect never counts: its outcome is unknown. */
export type EffectOptions = {
  readonly effect?: EffectClass
  readonly counted?: boolean
  /** an at-most-once effect says with `begin` when its work begins; absent: it begins at once */
  readonly begins?: boolean
  /** it begins at once, and waits for the disk itself, with `whenDurable`, before anything leaves */
  readonly prepares?: boolean
  /** collects the attempts that failed, the same ones on a replay */
  readonly failed?: FailedAttempt[]
  /** gets the time of the mark of an at-most-once effect, the same one on a replay */
  readonly sent?: SentMark
}

/** An effect with its name in the journal and its class. */
export type Effect<T extends Json | void = Json> = {
  readonly name: string
  act(call: EffectCall): Promise<T> | T
  readonly effect?: EffectClass
}

/**
 * A turn's only access to the outside world. Effects run one after another, except in `runAll`. Their names are unique
 * within a turn and contain no `#`.
 */
export interface Effects {
  /** Runs `effect` and journals its outcome, which a replay gets. Throws errors that supervision does not handle. */
  run<T extends Json | void>(
    name: string,
    effect: (call: EffectCall) => Promise<T> | T,
    options?: EffectOptions,
  ): Promise<T>
  /**
   * Runs effects in parallel and journals each outcome as it arrives. None is retried, and none may be at-most-once.
   * When all have ended, resolves with the outcomes in the given order, or throws the first failure.
   */
  runAll<T extends Json | void>(effects: readonly Effect<T>[]): Promise<readonly T[]>
  /** a part of this actor, as it was before this turn */
  part(name: string): Promise<Json | undefined>
  /** Resolves when the causes of the turn and its outcomes are on disk: a kill then forgets none of them. */
  whenDurable(): Promise<void>
  /** sends a volatile event (tokens, progress) to followers of a topic (absent: the correlationId); never stored */
  emit(delta: Json, topic?: string): void
  /** ms since the epoch, journaled when first used */
  now(): Promise<number>
  readonly self: ActorRef
  readonly message: Envelope
  /** the number of this actor's last event before this turn; 0 if there was none */
  readonly events: number
}

/** The definition of one kind of actor. */
// biome-ignore lint/suspicious/noExplicitAny: one table holds actors of all states and messages
export interface Actor<State = any, Message = any> {
  readonly kind: string
  readonly message: Schema<Message>
  readonly version?: number
  initial(key: string): State
  receive(state: State, message: Message, effects: Effects): Turn<State> | Promise<Turn<State>>
  /**
   * absent: `error` and `down` change nothing, `cancelled` and `stop` end the actor. After `stop` it always ends,
   * unless the turn says `stop: false`
   */
  notice?(state: State, notice: Notice, effects: Effects): Turn<State> | Promise<Turn<State>>
  /** converts a state from version `from` to `from + 1`; called for each version in between; throws if it cannot */
  upgrade?(state: Json, from: number): State | Json
  /** throws if this code cannot read a state: the actor is quarantined for that reason. Absent: accepts every state */
  check?(state: Json, key: string): void
  /**
   * an older state, kept in a part, with which the actor continues if its
   * newest one is damaged. Absent, or undefined as result: it is quarantined
   */
  older?(effects: Effects): Promise<Json | undefined>
  /** decides what follows a failed effect; pure. Absent: five retries with backoff, then dead letter */
  supervise?(failure: Failure): Directive
  /**
   * A hint to the engine: this request creates the actor, is its only message, and will be answered quickly by an actor
   * that then stops. An engine with expensive messages runs such a turn inline, within the caller's turn, and cancels
   * it with the caller's work. Absent: never.
   */
  inlinable?(message: Message): boolean | Promise<boolean>
  /** the actor that is notified of an escalation */
  parent?(key: string): ActorRef
  /** A text of an error as it is stored: a runtime removes the values of secrets. Absent: as it is. */
  redact?(text: string): string
}

/** An actor of `defineActor`: `at(key)` is the address of one, with the types of the messages it takes and replies. */
export type AddressedActor<State, Message, Sent, Reply> = Actor<State, Message> & {
  at(key: string): ActorAt<Sent, Reply>
}

/** The directive of a supervisor for a failed effect. */
export type Directive =
  | { readonly type: 'retry'; readonly delay: number } // the effect again, in place, after ms
  | { readonly type: 'reset' } //                         initial state, next message
  | { readonly type: 'fail' } //                          dead-letter this message, keep the actor
  | { readonly type: 'stop' }
  | { readonly type: 'escalate' }

/** All that an engine stores of an actor, except parts and events. The engine reads neither `state` nor `timers`. */
export type Cell = {
  readonly version: number
  /**
   * failed: takes no messages · quarantined: this code cannot read its state, and tries again with each message ·
   * halted: stopped, but its state is kept and the next message restarts it
   */
  readonly status: 'live' | 'failed' | 'quarantined' | 'halted'
  /** the reason if it is not live */
  readonly problem?: Problem
  /** when it stops, it is halted with its state instead of deleted */
  readonly halting?: true
  /** the number of commits, which guards against concurrent writes */
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

/** All changes of one turn, which an engine must apply atomically. */
export type Commit = {
  readonly taken: Envelope
  /** null: the actor stopped or never existed; its cell, parts, events and index are deleted */
  readonly cell: Cell | null
  readonly parts: { readonly [name: string]: Json | null }
  readonly sends: readonly OutgoingMessage[]
  readonly events: readonly Json[]
}

/**
 * The journaled outcome of one attempt of an effect. `ms`: the time until it failed; `began`: ms since the epoch, of an
 * attempt that failed or was marked; `again`: an earlier process that ended may have begun the attempt, or began it.
 */
export type EffectOutcome = { readonly began?: number; readonly again?: true | { readonly began: number } } & (
  | { readonly value: Json }
  | { readonly error: Problem; readonly ms?: number; readonly directive?: Directive }
)
