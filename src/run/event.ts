import type { Problem } from '../errors.ts'
import type { GivenAnswer } from '../house/by.ts'
import type { Json } from '../kernel/json.ts'
import type { ModelUse } from '../step/record/model-use.ts'
import type { StepProblem, StepRecovery, StepTry, StepWait, UndoneStep } from '../step/record/step.ts'
import type { ValueRef } from '../step/values.ts'
import type { ChildGoalWait } from './messages.ts'

/** A durable event of a run. A later release may add types: ignore a type that you do not know. */
export type RunEvent =
  /**
   * it begins at `until` (ms since the epoch), or when the queue of its key has room; until `debouncedUntil`, another
   * start of the key takes its place
   */
  | {
      readonly type: 'start-wait'
      readonly until?: number
      readonly queue?: string
      readonly debouncedUntil?: number
    }
  | { readonly type: 'run-start'; readonly name: string; readonly steps: number }
  | LoopEvent
  | { readonly type: 'step-start'; readonly step: string }
  /** a step waits for a signal; `run`: the child run of the step; `tries`: its failed attempts before */
  | {
      readonly type: 'signal-wait'
      readonly step: string
      readonly signal: string
      readonly title: string
      readonly run?: string
      readonly tries?: readonly StepTry[]
    }
  | ChildGoalWait
  | StepWait
  | StepEndEvent
  | StepUndoEvent
  | WorkflowEvent
  /** the run goes on only where a program has its strategy */
  | { readonly type: 'code-wait'; readonly message: string; readonly hint: string }
  | RunEndEvent

/** A message of a workflow, or the reason why it goes on only with other code. */
type WorkflowEvent =
  | { readonly type: 'workflow-event'; readonly name: string; readonly data: Json }
  | { readonly type: 'workflow-log'; readonly text: string }
  | { readonly type: 'workflow-stop'; readonly reason: string; readonly message: string; readonly hint: string }

/** A loop begins, or starts another turn, with the number of its iterations and added steps. */
type LoopEvent = {
  readonly type: 'loop-start' | 'loop-turn'
  readonly step: string
  readonly iterations: number
  readonly steps: number
}

/** A step ended; `ms` is how long its last attempt took. */
export type StepEndEvent = StepRecovery & {
  readonly type: 'step-end'
  readonly step: string
  readonly status: 'completed' | 'failed' | 'skipped'
  readonly attempts: number
  readonly ms: number
  /** the failed attempts before its last one, and after its last event `step-wait` */
  readonly tries?: readonly StepTry[]
  /** why it failed, or the failure that a fallback replaced */
  readonly problem?: Problem
  readonly models?: readonly ModelUse[]
  /** the target its dynamic route chose */
  readonly goto?: string
  /** a substitute gave its result, or something is missing in it */
  readonly degraded?: true
  /** warnings of its tool about the result */
  readonly warnings?: readonly string[]
  /** parts missing in its result, besides those of its models */
  readonly lacks?: readonly string[]
  /** it was reused from an earlier run */
  readonly reused?: true
  /** a route skipped it: the reason, and the step of that route */
  readonly reason?: string
  readonly by?: string
  /** who answered for it */
  readonly said?: readonly GivenAnswer[]
}

/** The effects of a step were undone, or could not be. */
export type StepUndoEvent = UndoneStep & { readonly type: 'step-undo' }

/** The run ended, with the number of its steps that completed, failed and were skipped. */
type RunEndEvent = {
  readonly type: 'run-end'
  readonly status: 'completed' | 'failed' | 'cancelled'
  /** it completed, and each failure was handled */
  readonly success: boolean
  readonly done: number
  readonly failed: number
  readonly skipped: number
  readonly degraded?: true
  readonly problem?: StepProblem
  readonly outputs?: ValueRef
  /** outputs that could not be rendered */
  readonly warnings?: readonly string[]
}
