import type { CheckpointLimits } from '../../../engine/libsql/log/checkpoint.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { ActorRef } from '../../../kernel/types.ts'

/** A command of a client. A client runs its commands in sequence. */
export type ClientCommand =
  | { readonly type: 'tell'; readonly to: ActorRef; readonly body: Json; readonly delay?: number }
  | { readonly type: 'ask'; readonly to: ActorRef; readonly body: Json }
  /** the client's last tell or ask once more, under its id */
  | { readonly type: 'repeat' }
  /** calls off the client's last tell or ask, as far as it has got */
  | { readonly type: 'cancel' }
  /** an ask that is not waited for */
  | { readonly type: 'leave'; readonly to: ActorRef; readonly body: Json }
  /** ends an actor, or lets one that has failed go on */
  | { readonly type: 'stop' | 'resume'; readonly to: ActorRef }
  /** looks at an actor: what was seen stays */
  | { readonly type: 'look'; readonly at: ActorRef }
  | { readonly type: 'pause'; readonly ms: number }
  /** sends the oldest dead letter again, or drops it */
  | { readonly type: 'retry' }
  | { readonly type: 'drop' }

/** A fault and its time: a scheduler step, a flush, or an effect call, counted over the whole trial. */
export type SimulatedFault =
  /** the process dies, so many promise hops into a step */
  | { readonly type: 'crash'; readonly step: number; readonly hops: number }
  /** a clean stop, with or without patience, and a start */
  | { readonly type: 'restart'; readonly step: number; readonly grace: number | null }
  /** the clock on the wall is set */
  | { readonly type: 'jump'; readonly step: number; readonly ms: number }
  /** a flush fails; `written`: it was done all the same */
  | { readonly type: 'refuse'; readonly flush: number; readonly reason: string; readonly written: boolean }
  /** a flush is written, and the process dies before it hears of it */
  | { readonly type: 'unheard'; readonly flush: number }
  /** the process dies in the midst of a flush, whose row is left half written */
  | { readonly type: 'torn'; readonly flush: number }
  | { readonly type: 'slow'; readonly flush: number; readonly ms: number }
  /** a call of an effect fails */
  | { readonly type: 'effect'; readonly call: number; readonly problem: 'busy' | 'retry' | 'terminal' }

/** A trial as data: the same plan is the same trial, step by step. */
export type TrialPlan = {
  /** picks which task is next */
  readonly seed: number
  /** a command of a client follows from a number */
  readonly clients: readonly (readonly number[])[]
  readonly faults: readonly SimulatedFault[]
  readonly checkpoint: CheckpointLimits
  /** how many turns a batch holds at most */
  readonly batch: number
  /** every which commit of an actor may have been its last; 0: none */
  readonly over: number
}
