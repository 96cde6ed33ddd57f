import type {
  ActorDocument,
  ActorSummary,
  Branch,
  LetterSummary,
  Retried,
  Why,
  WorkCounts,
} from '../../contract/documents/actor.ts'
import type { DeadLetter, NumberedEvent } from '../../engine/engine.ts'
import type { From } from '../../house/describe.ts'
import { encodeCursor, type ListQuery, type PageQuery } from '../../house/paging.ts'
import type { Json } from '../../kernel/json.ts'
import type { SeriesDocument } from '../../telemetry/series.ts'
import type { PoolsDocument } from './maintenance.ts'

export type {
  ActorDocument,
  ActorSummary,
  Attempt,
  Branch,
  Hold,
  LetterSummary,
  Queued,
  Retried,
  Why,
  WorkCounts,
} from '../../contract/documents/actor.ts'

/** Inspects actors and handles failed messages. REF: the id of a run or an ask, or kind/key. */
export interface Inspector {
  /** Lists actors, sorted by name. */
  actors(query?: ActorsQuery): Promise<readonly ActorSummary[]>
  /** Reads an actor. NotFoundError when there is no data of it. */
  actor(ref: string): Promise<ActorDocument>
  /** Streams its durable events after a number, then live ones, until the signal or until the actor is deleted. */
  tail(ref: string, from?: From): AsyncIterable<Pick<NumberedEvent, 'n' | 'body'>>
  /** Explains the waits of a run, an ask or an actor, and the waits behind them. */
  why(ref: string): Promise<Why>
  /**
   * An actor and the actors that work for it; without REF all actors with work. `owner` restricts
   * it to runs and threads of that owner.
   */
  tree(ref?: string, only?: { readonly owner?: string }): Promise<readonly Branch[]>
  /** Counts the open work that no other work waits for: a conversation counts, its goal and the runs of it do not. */
  work(of?: { readonly owners?: readonly string[] }): Promise<WorkCounts>
  /** Lists the actors that nothing will ever wake; there should be none. */
  stranded(): Promise<readonly string[]>
  /** Streams text deltas of models for a run or an ask. */
  deltas(id: string, signal: AbortSignal): AsyncIterable<Json>
  /** Reads the pools in use and their shared resources. */
  pools(): PoolsDocument
  /** Metrics since the start of this process, in Prometheus format. */
  metrics(): string
  /** Reads the numbers of this process in the last hour, by minutes, or in the last day, by quarters of an hour. */
  series(query?: { readonly span?: 'hour' | 'day' }): SeriesDocument
  /** The messages that failed for good. */
  readonly deadLetters: DeadLetterPort
}

/** Dead letters: messages that failed for good. They can be retried or dropped. */
export interface DeadLetterPort {
  /** Lists dead letters, newest first; after a cursor if one is given. */
  list(query?: ListQuery): Promise<readonly LetterSummary[]>
  /** Reads a dead letter. NotFoundError when there is none. */
  get(id: string): Promise<DeadLetter>
  /** Sends the message again, and resolves when its actor has handled it, or at the signal. */
  retry(id: string, signal?: AbortSignal): Promise<Retried>
  drop(id: string): Promise<LetterSummary>
}

/** A query for actors. `status` is a status that `actors` shows; `after` is a kind/key. */
export type ActorsQuery = PageQuery & { readonly kind?: string; readonly status?: string }

/** The cursor of a dead letter in a list. */
export const cursorOfLetter = ({ at, id }: Pick<LetterSummary, 'at' | 'id'>): string => encodeCursor(at, id)
