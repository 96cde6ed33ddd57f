import type { Json } from '../kernel/schema.ts'
import type { ActorRef, Cell, Envelope, Index, Outcome } from '../kernel/types.ts'
import type { DeadLetter, Numbered } from './engine.ts'

/** Everything durable of an engine at rest, in the words that all engines share. What is read twice is the same. */
export interface Contents {
  actors(): AsyncIterable<StoredActor>
  /** What lists show: by the name of its actor. */
  index(): AsyncIterable<readonly [name: string, index: Index]>
  /** Mail that is not taken: of each actor in order. */
  mail(): AsyncIterable<StoredMail>
  letters(): AsyncIterable<DeadLetter>
  /** Ids from outside whose message is taken. */
  ids(): AsyncIterable<StoredId>
}

/** An actor as its last commit left it. */
export type StoredActor = {
  readonly of: ActorRef
  readonly cell: Cell
  readonly parts: readonly (readonly [name: string, value: Json])[]
  readonly events: readonly Numbered[]
}

/** A message with what is known of the effects of its turn: of one that was interrupted, those that came to an end are not repeated. */
export type StoredMail = { readonly envelope: Envelope; readonly outcomes: Outcomes }
export type Outcomes = ReadonlyMap<string, Outcome>

/** An id from outside: what it was given for (`tell kind/key`, `ask kind/key`), when (ms since the epoch), and the reply if there is one. */
export type StoredId = {
  readonly id: string
  readonly use: string
  readonly at: number
  readonly reply?: { readonly body: Json; readonly isError: boolean }
}
