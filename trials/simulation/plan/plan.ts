import type { CheckpointLimits } from '../../../src/engine/libsql/log/checkpoint.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { ActorRef } from '../../../src/kernel/types.ts'

/** A command of a client. A client runs its commands in sequence. */
export type ClientCommand =
  | { readonly type: 'tell'; readonly to: ActorRef; readonly body: Json; readonly delay?: number }
  | { readonly type: 'ask'; readonly to: ActorRef; readonly body: Json }
  /** repeats the client's last tell or ask under its id */
  | { readonly type: 'repeat' }
  /** cancels the client's last tell or ask, whatever its state */
  | { readonly type: 'cancel' }
  /** an ask whose reply the client does not await */
  | { readonly type: 'leave'; readonly to: ActorRef; readonly body: Json }
  /** ends an actor, or resumes a failed one */
  | { readonly type: 'stop' | 'resume'; readonly to: ActorRef }
  /** reads an actor: what it shows must be permanent */
  | { readonly type: 'look'; readonly at: ActorRef }
  | { readonly type: 'pause'; readonly ms: number }
  /** sends the oldest dead letter again, or drops it */
  | { readonly type: 'retry' }
  | { readonly type: 'drop' }

/** A fault and its time: a scheduler step, a flush, or an effect call, counted over the whole trial. */
export type SimulatedFault =
  /** the process dies, after that many promise hops within a step */
  | { readonly type: 'crash'; readonly step: number; readonly hops: number }
  /** a clean stop, with or without time for running turns, and a start */
  | { readonly type: 'restart'; readonly step: number; readonly grace: number | null }
  /** the wall clock is set */
  | { readonly type: 'jump'; readonly step: number; readonly ms: number }
  /** a flush fails; `written`: its data was written nevertheless */
  | { readonly type: 'refuse'; readonly flush: number; readonly reason: string; readonly written: boolean }
  /** a flush is written, and the process dies before it gets the report */
  | { readonly type: 'unheard'; readonly flush: number }
  /** the process dies during a flush, and its row is half written */
  | { readonly type: 'torn'; readonly flush: number }
  | { readonly type: 'slow'; readonly flush: number; readonly ms: number }
  /** a call of an effect fails */
  | { readonly type: 'effect'; readonly call: number; readonly problem: 'busy' | 'retry' | 'terminal' }

/** A trial as data: the same plan always gives the same trial, step by step. */
export type TrialPlan = {
  /** picks the next task */
  readonly seed: number
  /** a number determines a command of a client */
  readonly clients: readonly (readonly number[])[]
  readonly faults: readonly SimulatedFault[]
  readonly checkpoint: CheckpointLimits
  /** the maximum number of turns in a batch */
  readonly batch: number
  /** every n-th commit of an actor may be its last; 0: none */
  readonly over: number
}
