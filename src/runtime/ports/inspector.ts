import type { DeadLetter, NumberedEvent } from '../../engine/engine.ts'
import type { Inspected, InspectedEffect } from '../../engine/inspect.ts'
import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorIndex } from '../../kernel/types.ts'
import type { FailedHandler } from '../../pipeline/plan/step-outcome.ts'
import type { PoolsDocument } from './maintenance.ts'
import { encodeCursor } from './paging.ts'

/** Inspects actors and handles failed messages. REF: the id of a run or an ask, or kind/key. */
export interface Inspector {
  /** By name. */
  actors(query?: ActorsQuery): Promise<readonly ActorSummary[]>
  /** NotFoundError when there is nothing of it. */
  actor(ref: string): Promise<ActorDocument>
  /** Its durable events after a number, then live, until the signal or until it is gone. */
  tail(
    ref: string,
    from?: { readonly after?: number; readonly signal?: AbortSignal },
  ): AsyncIterable<Pick<NumberedEvent, 'n' | 'body'>>
  /** Explains what it waits for, and what that waits for in turn. */
  why(ref: string): Promise<Why>
  /**
   * An actor and the actors that work for it; without REF all actors with work. `owner` restricts
   * it to runs and threads of that owner.
   */
  tree(ref?: string, only?: { readonly owner?: string }): Promise<readonly Branch[]>
  /** The actors that nothing will ever wake; there should be none. */
  stranded(): Promise<readonly string[]>
  /** Text deltas of models for a run or an ask. */
  deltas(id: string, signal: AbortSignal): AsyncIterable<Json>
  /** The pools in use and their shared resources. */
  pools(): PoolsDocument
  /** Metrics since the start of this process, in Prometheus format. */
  metrics(): string
  /** The messages that failed for good. */
  readonly deadLetters: DeadLetterPort
}

/** Messages that failed for good, and what can be done about them. */
export interface DeadLetterPort {
  /** The newest first; behind a cursor, if one is given. */
  list(query?: LettersQuery): Promise<readonly LetterSummary[]>
  /** NotFoundError when there is none. */
  get(id: string): Promise<DeadLetter>
  /** Sends it again, and resolves when it was taken, or at the signal. */
  retry(id: string, signal?: AbortSignal): Promise<Retried>
  drop(id: string): Promise<LetterSummary>
}

/** `status` is what `actors` shows; `after` a kind/key. */
export type ActorsQuery = {
  readonly kind?: string
  readonly status?: string
  readonly after?: string
  readonly limit?: number
}

/** An actor as a list shows it. Its status is the one it gives itself, failed or quarantined, or what it is doing: working, left, waiting, idle. */
export type ActorSummary = {
  readonly of: string
  readonly status: string
  readonly seq: number
  readonly events: number
  /** messages that wait for it, timers included */
  readonly waiting: number
  readonly effect?: string
  readonly index: ActorIndex
}

/** All that is known of an actor. */
export type ActorDocument = ActorSummary &
  Pick<Inspected, 'turn' | 'mail'> & {
    readonly version?: number
    readonly watchers: readonly string[]
    readonly state: Json
    /** the names of its parts, at most 100 */
    readonly parts: readonly string[]
  }

/** An actor, what it waits for, and what would release it. Times in ms since the epoch. */
export type Why = {
  readonly of: string
  readonly status: string
  /** what holds it, the first first; none: it has nothing to do */
  readonly holds: readonly Hold[]
  readonly waitsFor: readonly Why[]
  /** how many more it waits for */
  readonly more: number
  /** of its work */
  readonly letters: readonly LetterSummary[]
}

/** One thing that holds an actor. */
export type Hold =
  /** an effect is under way, or waits for a place in a pool, or pauses before its next attempt */
  | { readonly type: 'effect'; readonly work: string; readonly effect: Attempt; readonly queued?: Queued }
  /** a turn that is in no effect */
  | { readonly type: 'turn'; readonly work: string; readonly since: number }
  /** mail that will be taken after the turn under way */
  | { readonly type: 'mail'; readonly count: number; readonly since: number }
  /** mail that an earlier process left and nobody took up */
  | { readonly type: 'left'; readonly work: string; readonly since: number; readonly effect?: Attempt }
  | { readonly type: 'timer'; readonly timer: string; readonly until: number }
  /** something outside */
  | { readonly type: 'budget'; readonly name: string; readonly since?: number }
  /** a signal; of a step the run it is sent to, and since when it waits */
  | { readonly type: 'signal'; readonly name: string; readonly run?: string; readonly since?: number }
  /** a decision: `name` is the id of the question that goes on by it */
  | { readonly type: 'decision'; readonly name: string; readonly since?: number }
  /** it waits for others */
  | { readonly type: 'others'; readonly since?: number }
  /** nothing will wake it */
  | { readonly type: 'stranded' }
  /** `failedHandlers`: of a run those that were to do something about the failure, and failed themselves */
  | {
      readonly type: 'over'
      readonly at?: number
      readonly problem?: Problem
      readonly failedHandlers?: readonly FailedHandler[]
    }
  /** failed: takes no messages until it is resumed · quarantined: this code cannot read its state · halted: stopped, and its state is kept */
  | { readonly type: 'failed' | 'quarantined' | 'halted'; readonly problem?: Problem }
  | { readonly type: 'gone' }

/** An effect with how many attempts it has, and what it does. */
export type Attempt = InspectedEffect & { readonly attempts?: number; readonly does?: string }
/** A place in the queue of a pool: the first is next. */
export type Queued = { readonly pool: string; readonly place: number; readonly of: number }

/** An actor and those that work for it. */
export type Branch = {
  readonly of: string
  readonly status: string
  readonly since?: number
  readonly note?: string
  readonly branches: readonly Branch[]
  readonly more: number
}

/** Which dead letters: all, or those of one owner's work; behind a cursor, if one is given. */
export type LettersQuery = { readonly owner?: string; readonly after?: string; readonly limit?: number }

/** A dead letter without its body. */
export type LetterSummary = {
  readonly id: string
  readonly at: number
  readonly to: string
  readonly from?: string
  readonly type: string
  readonly correlationId: string
  /** whose work it belonged to, in lists of letters, as far as that is known */
  readonly owner?: string
  readonly problem: Problem
}

/** The result of a retried dead letter. `pending`: none yet. */
export type Retried = {
  readonly id: string
  readonly to: string
  readonly correlationId: string
  readonly outcome: 'taken' | 'failed' | 'pending'
  readonly problem?: Problem
}

/** The cursor behind a dead letter in a list of them. */
export const cursorOfLetter = ({ at, id }: Pick<LetterSummary, 'at' | 'id'>): string => encodeCursor(at, id)
