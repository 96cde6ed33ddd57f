/**
 * The port of an engine, which makes the turns of actors durable. Three engines implement it: `libsql/` in one file,
 * `restate/` on a cluster, and `inline/` in memory. Actors never import an engine; ports and the runtime send
 * messages and read through this interface. Every engine passes the suite of `trials/conformance`.
 */

import { InvalidError, type Problem } from '../errors.ts'
import type { Json } from '../kernel/json.ts'
import type { ActorAt, ActorRef, Envelope, PlainRef } from '../kernel/types.ts'
import type { Inspected, InspectQuery } from './inspect.ts'

/** Makes turns durable. Everything it acknowledges survives a crash of the process. */
export interface Engine {
  /** Resolves when the message is durable. BusyError while the engine cannot take more. */
  tell(to: ActorRef, body: Json, options?: TellOptions): Promise<void>
  /** Resolves with the reply when it is durable; the same id gets the same reply. Throws the problem of a refusal. */
  ask(to: ActorRef, body: Json, options?: AskOptions): Promise<Json>
  /** Cancels that work in the actor and all actors it was sent to, and no other work. Resolves when that is durable. */
  cancel(of: ActorRef, correlationId: string, reason: string): Promise<void>
  readonly view: EngineView
  readonly deadLetters: DeadLetters
  /** Resumes what an earlier process left, or only the work of one correlationId; resolves with how many messages. */
  start(options?: { readonly only?: string }): Promise<number>
  /**
   * Refuses new work, lets running turns end (after `grace` ms they are
   * interrupted and will be repeated), flushes. May be called twice.
   */
  stop(options?: { readonly grace?: number }): Promise<void>
}

const METHODS = ['tell', 'ask', 'cancel', 'start', 'stop'] as const

/** Checks that a value of a program has the methods of an engine. Its suite says whether they keep their promises. */
export function checkEngine(engine: Engine): Engine {
  const missing = METHODS.find((name) => typeof engine?.[name] !== 'function') ?? (engine.view ? undefined : 'view')
  if (missing === undefined) return engine
  throw new InvalidError(`The engine of the program has no \`${missing}\`.`, { place: { path: 'engine' } })
}

/** An engine for programs: it knows the types of an address, as in `engine.ask(counter.at('orders'), { add: 1 })`. */
export interface TypedEngine extends Engine {
  /** Like `ask` of any engine; an address of `defineActor` says what the actor takes and replies. */
  ask<Message, Reply>(to: ActorAt<Message, Reply>, body: NoInfer<Message>, options?: AskOptions): Promise<Reply>
  ask(to: PlainRef, body: Json, options?: AskOptions): Promise<Json>
}

/**
 * `id`: the idempotency key, remembered for at least 24 h. Error `id_taken` if it was used for another actor, or for a
 * tell before an ask. `delay` in ms. `correlationId`: the run or ask that the message belongs to (absent: the id).
 */
export type TellOptions = {
  readonly id?: string
  readonly delay?: number
  readonly correlationId?: string
  /** the trace that the message and all that follows from it belong to: a W3C `traceparent` */
  readonly trace?: string
  /** stop: ends the actor, deletes its state, dead-letters its mail · resume: a failed actor goes on with its state */
  readonly type?: 'request' | 'stop' | 'resume'
}
/**
 * The same as for a tell. `signal` ends the wait for the reply; the work continues. `forTurn`: an effect of a running
 * turn asks. An engine that stops, and waits for that turn, may still answer.
 */
export type AskOptions = Pick<TellOptions, 'id' | 'correlationId' | 'trace'> & {
  readonly signal?: AbortSignal
  readonly forTurn?: true
  /**
   * resolves with a reply that may not be durable yet. Only within an effect of this engine: its outcome is durable no
   * sooner than the reply. An engine whose replies are durable at once ignores it.
   */
  readonly early?: true
}

/** Read operations. Results are durable, except parts that are read `early`. On a cluster, lists lag slightly. */
export interface EngineView {
  peek(of: ActorRef): Promise<Json | undefined>
  /**
   * The actor that got an ask with this id, as long as the id is remembered.
   * On a cluster, asks that were answered at once are not found.
   */
  asked(id: string): Promise<ActorRef | undefined>
  /** Parts in the order of their names. */
  parts(of: ActorRef, page?: PartsOptions): AsyncIterable<readonly [name: string, part: Json]>
  /** Actors of a kind, selected and sorted by their index fields. */
  list(kind: string, query?: ActorListQuery): Promise<readonly ListedActor[]>
  /**
   * The present state of actors, by name. Cells and mail come from disk,
   * running turns from this process or from every node of a cluster.
   */
  inspect(query?: InspectQuery): Promise<readonly Inspected[]>
  /** The durable events after a number, then live ones, until the signal or until the actor is gone. */
  events(of: ActorRef, from?: EventsOptions): AsyncIterable<NumberedEvent>
  /**
   * Volatile events of a topic from now on: a correlationId, unless the actor names another topic. For a reader that
   * is 10 000 behind, `{ type: 'deltas-lost', count }` replaces the oldest. On a cluster, these are the events of this
   * node, or with a relay of all nodes; `{ type: 'deltas-lost' }` replaces events that the relay lost.
   */
  deltas(topic: string, signal: AbortSignal): AsyncIterable<Json>
  /** Whether the volatile events of a topic have a follower; with a relay also whether another node may have one. */
  isFollowed(topic: string): boolean
}
/** One actor of a view; undefined if it has no state and no mail. */
export async function inspectOne(
  view: Pick<EngineView, 'inspect'>,
  { kind, key }: ActorRef,
): Promise<Inspected | undefined> {
  const [actor] = await view.inspect({ kind, key })
  return actor
}

/** `live: false` ends after the last event that exists now. */
export type EventsOptions = { readonly after?: number; readonly signal?: AbortSignal; readonly live?: boolean }
/**
 * `early`: also parts that are not durable yet. Safe only within an
 * effect of this engine: its outcome becomes durable after them. `exact`: only the part whose name is the prefix; it is
 * looked up, however many parts there are.
 */
export type PartsOptions = {
  readonly prefix?: string
  readonly after?: string
  readonly limit?: number
  readonly early?: boolean
  readonly exact?: boolean
}
/**
 * `where`: null matches a missing field. `after`: only actors that sort after this key; an actor with this key need not
 * exist any more. `at` is the value that this actor had in the sort field, absent if it had none.
 */
export type ActorListQuery = {
  readonly where?: { readonly [field: string]: string | number | null }
  readonly after?: string
  /** only actors whose key begins with this and goes on; a list with a `sort` has none */
  readonly prefix?: string
  readonly at?: string | number
  readonly sort?: string
  readonly descending?: boolean
  readonly limit?: number
}
export type ListedActor = { readonly key: string; readonly index: { readonly [field: string]: string | number } }
/** An event of an actor; numbers start at 1 and have no gaps. */
export type NumberedEvent<Body extends Json = Json> = {
  readonly n: number
  readonly correlationId: string
  readonly body: Body
}

/** Messages that failed for good, kept with their error. The list may lag slightly behind. */
export interface DeadLetters {
  list(): Promise<readonly DeadLetter[]>
  /**
   * Sends the message again under a derived id and resolves with that id. Resumes the actor if it has failed.
   * NotFoundError if there is no such letter.
   */
  retry(id: string): Promise<string>
  drop(id: string): Promise<void>
}
/** A message that failed for good, when (ms since the epoch) and why. */
export type DeadLetter = {
  readonly id: string
  readonly at: number
  readonly letter: Envelope
  readonly problem: Problem
}

/** The clock of an engine; tests use a simulated one. */
export interface Clock {
  now(): number
  /** ms, with fractions, since some moment; never jumps */
  elapsed(): number
  /** Calls back after `delay` ms; returns a function that cancels it. */
  after(delay: number, callback: () => void): () => void
  /** Calls back after all pending callbacks and promises have settled. */
  soon(callback: () => void): void
}

export const systemClock: Clock = {
  now: Date.now,
  elapsed: () => performance.now(),
  after(delay, callback) {
    const handle = setTimeout(callback, Math.min(delay, 2 ** 31 - 1))
    return () => clearTimeout(handle)
  },
  soon: (callback) => void setImmediate(callback),
}
