import type { GivenAnswer } from '../../house/by.ts'
import type { FileRef } from '../../lib/media/file-ref.ts'
import type { GoalReply } from '../../work/origin/goal-origin.ts'
import type { ResultSource } from '../../work/origin/result-of.ts'
import type { CallStatus, GoalWait } from './stored-goal.ts'

/** A durable event of a goal. A later release may add types: ignore a type that you do not know. */
export type GoalEvent =
  /** `goal`: its text; `from`: the goal that it continues */
  | {
      readonly type: 'goal-start'
      readonly agent: string
      readonly goal: string
      readonly from?: string
      readonly files?: readonly FileRef[]
    }
  /**
   * the message `n` of its conversation has come: its next round reads it. The reply that is being written ends there,
   * and the reply to the last message that the round reads begins
   */
  | {
      readonly type: 'goal-message'
      readonly n: number
      readonly text: string
      readonly files?: readonly FileRef[]
      /** it is the result of these calls, and no person has written it */
      readonly resultOf?: ResultSource
    }
  /** the model has answered; a call with a `step` is made by the run of the round, the goal answers each other call */
  | {
      readonly type: 'round'
      readonly round: number
      readonly text: string
      /** the message whose reply it belongs to; absent: that for which the goal began */
      readonly message?: number
      /** the files that the model made */
      readonly files?: readonly FileRef[]
      readonly calls: readonly { readonly tool: string; readonly step?: string }[]
    }
  /** the calls of the round have ended, in their order; `edited`: a person changed the parameters; `said`: answers */
  | {
      readonly type: 'round-end'
      readonly round: number
      readonly results: readonly {
        readonly tool: string
        readonly outcome: CallStatus
        readonly edited?: true
        readonly said?: readonly GivenAnswer[]
      }[]
    }
  /** it follows a playbook; `run` makes the calls */
  | { readonly type: 'playbook'; readonly name: string; readonly run: string }
  /** the playbook did not give the answer, and the model takes over; `text`: what was done */
  | { readonly type: 'playbook-end'; readonly name: string; readonly text: string }
  /** it waits for a person, a budget or its process */
  | { readonly type: 'goal-wait'; readonly reason: GoalWait['type']; readonly title: string }
  | GoalNeed
  | ProviderWaitEvent
  /** another agent takes over; `goal`: the id of its goal */
  | { readonly type: 'hand-off'; readonly agent: string; readonly goal: string }
  | { readonly type: 'goal-pause' | 'goal-resume' }
  /** it goes on with code that has changed, a line for each change */
  | { readonly type: 'goal-code'; readonly changes: readonly string[] }
  /** the steps of `run` are undone */
  | { readonly type: 'goal-undo'; readonly run: string }
  | GoalReply

/** Work below waits for a person: a step for a signal, such as an approval, or another goal. */
type GoalNeed = { readonly type: 'goal-needs'; readonly title: string } & (
  | { readonly run: string; readonly step: string; readonly signal: string; readonly goal?: never }
  | { readonly goal: string; readonly run?: never; readonly step?: never; readonly signal?: never }
)

/** The goal asks its model again at `until` (ms since the epoch). `tries`: the number of calls that have failed. */
export type ProviderWaitEvent = {
  readonly type: 'provider-wait'
  readonly title: string
  readonly tries: number
  readonly until: number
}
