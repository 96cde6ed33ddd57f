import type { Problem } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'
import type { ActorRef, Envelope } from '../kernel/types.ts'
import type { Inspected, InspectQuery } from './inspect.ts'

/** Makes turns durable. Everything it acknowledges survives a crash of the process. */
export interface Engine {
  /** Resolves when the message is durable. BusyError while the engine cannot take more. */
  tell(to: ActorRef, body: Json, options?: TellOptions): Promise<void>
  /** Resolves with the reply when it is durable; the same id gets the same reply. Throws the problem of a refusal. */
  ask(to: ActorRef, body: Json, options?: AskOptions): Promise<Json>
  /** Calls off that work, there and below; the actor's other work goes on. Resolves when that is durable. */
  cancel(of: ActorRef, correlationId: string, reason: string): Promise<void>
  readonly view: EngineView
  readonly deadLetters: DeadLetters
  /** Takes up what an earlier process left, all of it or only the work of one correlationId; resolves with how many messages that is. */
  start(options?: { readonly only?: string }): Promise<number>
  /** Refuses new work, lets running turns end (after `grace` ms they are interrupted and will be repeated), flushes. May be called twice. */
  stop(options?: { readonly grace?: number }): Promise<void>
}

/** `id` is the idempotency key, remembered at least 24 h (given again for another actor, or asked after it was told: `id_taken`); `delay` in ms; correlationId: the run or ask it belongs to (absent: the id). */
export type TellOptions = {
  readonly id?: string
  readonly delay?: number
  readonly correlationId?: string
  /** what it belongs to, with all that follows from it: a `traceparent` of W3C */
  readonly trace?: string
  /** stop: ends the actor, its state goes and its waiting mail becomes dead letters · resume: a failed actor goes on with its state */
  readonly type?: 'request' | 'stop' | 'resume'
}
/** As for a tell; `signal` ends the waiting, not the work. */
export type AskOptions = Pick<TellOptions, 'id' | 'correlationId' | 'trace'> & { readonly signal?: AbortSignal }

/** Reads. They only ever show what is durable, but for parts read `early`. On an engine of many machines a list is a moment behind the actors it lists. */
export interface EngineView {
  peek(of: ActorRef): Promise<Json | undefined>
  /** The actor that was asked under an id from outside, while that is remembered; on an engine of many machines not of what it answered at once. */
  asked(id: string): Promise<ActorRef | undefined>
  /** Parts in the order of their names. */
  parts(of: ActorRef, page?: PartsOptions): AsyncIterable<readonly [name: string, part: Json]>
  /** Actors of a kind by their index fields. */
  list(kind: string, query?: ActorListQuery): Promise<readonly ListedActor[]>
  /** Actors by name, as they stand: cells and mail as they are on disk, turns as they run in this process, or on any node of an engine of many. */
  inspect(query?: InspectQuery): Promise<readonly Inspected[]>
  /** The durable events after a number, then live ones, until the signal or until the actor is gone. */
  events(of: ActorRef, from?: EventsOptions): AsyncIterable<NumberedEvent>
  /**
   * The volatile ones, from now on; a reader 10 000 behind loses the oldest, and `{ type: 'deltas-lost', count }` stands for them. Of an
   * engine of many machines those of this node; where nodes tell each other theirs, `{ type: 'deltas-lost' }` stands for what they could not.
   */
  deltas(correlationId: string, signal: AbortSignal): AsyncIterable<Json>
}
/** `live`: false ends with the last event that there is now. */
export type EventsOptions = { readonly after?: number; readonly signal?: AbortSignal; readonly live?: boolean }
/** `early`: also what is not durable yet; for an effect of this engine, whose outcome cannot be durable before that is. */
export type PartsOptions = {
  readonly prefix?: string
  readonly after?: string
  readonly limit?: number
  readonly early?: boolean
}
/**
 * `where`: null stands for a field that is not there. `after`: only what comes behind the place of that key, whether or not there is such an
 * actor any more; `at` is what the field sorted by says there, absent where it is not there.
 */
export type ActorListQuery = {
  readonly where?: { readonly [field: string]: string | number | null }
  readonly after?: string
  readonly at?: string | number
  readonly sort?: string
  readonly descending?: boolean
  readonly limit?: number
}
export type ListedActor = { readonly key: string; readonly index: { readonly [field: string]: string | number } }
/** An event of an actor; numbers start at 1 and have no gap. */
export type NumberedEvent = { readonly n: number; readonly correlationId: string; readonly body: Json }

/** Messages that failed for good, kept with their error; the list may be a moment behind, as lists are. */
export interface DeadLetters {
  list(): Promise<readonly DeadLetter[]>
  /** Sends the message again under a derived id, and resolves with that; resumes its actor if that has failed. NotFoundError when there is none. */
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

/** Time as an engine sees it; tests hand in a simulated one. */
export interface Clock {
  now(): number
  /** ms, with fractions, since some moment; never jumps */
  elapsed(): number
  /** Calls back after `delay` ms; returns how to call that off. */
  after(delay: number, callback: () => void): () => void
  /** Calls back once all that is under way, its promises too, has come to rest. */
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
