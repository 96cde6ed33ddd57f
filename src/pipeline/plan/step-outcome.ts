import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Artifact } from './artifact.ts'
import type { LoopKind, StepParameters } from './compiled.ts'
import type { ModelUse } from './model-use.ts'
import type { ValueRef } from './refs.ts'

/** What a run keeps of a step it touched. */
export type StepPart = {
  readonly status: 'waiting' | 'queued' | 'running' | 'completed' | 'failed' | 'skipped' | 'cancelled'
  /** those that were started along with it, until it is told what came of that */
  readonly beside?: readonly string[]
  /** dependencies that have not ended */
  readonly missing?: number
  /** of a step that may wait for some: those that have ended, and those it does not wait for */
  readonly met?: readonly string[]
  readonly free?: readonly string[]
  /** of one that tells this: the steps that another one waits for */
  readonly depends?: readonly string[]
  readonly attempts?: number
  /** ms of the last attempt */
  readonly ms?: number
  /** when it ended: ms since the epoch; absent in runs of earlier versions */
  readonly at?: number
  /** idempotency key of its call */
  readonly key?: string
  readonly result?: ValueRef
  readonly problem?: Problem
  /** why it was skipped */
  readonly reason?: string
  /** where it went on, of the steps that it might */
  readonly goto?: string
  readonly models?: readonly ModelUse[]
  /** the step whose route passed over it */
  readonly by?: string
  /** of a step that runs only when a route leads to it: that one did */
  readonly demanded?: true
  /** how many steps of the run ended before */
  readonly order?: number
  /** what its tool wants to know to undo what it did */
  readonly memo?: ValueRef
  /** whether that was undone, and why not */
  readonly undone?: boolean
  readonly undoProblem?: Problem
  /** what was done about its failure */
  readonly handled?: string
  /** handlers that were to do something about it, and failed themselves */
  readonly failedHandlers?: readonly FailedHandler[]
  /** the result is that of something that stood in for it */
  readonly degraded?: true
  /** when its next attempt is due: ms since the epoch */
  readonly until?: number
  /** it came to what an earlier run has recorded */
  readonly same?: true
  /** what a loop goes over, or how often it may turn */
  readonly list?: ValueRef
  readonly most?: number
  /** the file it made */
  readonly artifact?: Artifact
  /** what stands for all that the files held which its model was given */
  readonly files?: string
  /** what stands for the files that its texts asked for, and for what these held */
  readonly looked?: string
  /** of the outputs: those that could not be told */
  readonly warnings?: readonly string[]
}

/** A problem with the step it came from, if it came from one, and those of its handlers that failed. */
export type StepProblem = Problem & Pick<StepPart, 'failedHandlers'> & { readonly step?: string }

/** What is kept of a step that ran: what later steps can read of it. */
export type StepValue = {
  readonly status: 'completed' | 'failed' | 'skipped'
  readonly result: Json
  /** what it was called with, rendered */
  readonly parameters?: StepParameters
  /** what else is told of it beside its result: its action, the model that answered */
  readonly fields?: StepParameters
  /** how it prints, where that does not follow from its result */
  readonly text?: string
  /** of a loop: which of its kinds it is */
  readonly loop?: LoopKind
  /** of a loop: its result names the values of so many of its steps, instead of holding them */
  readonly named?: number
  /** of a queue whose items have one action: what that is called */
  readonly only?: string
  readonly error?: string
  /** what kind of failure it was */
  readonly failure?: { readonly type: string; readonly code: string; readonly attempts?: number }
  /** what was done about its failure */
  readonly handled?: string
  /** why it was skipped */
  readonly reason?: string
  /** ms */
  readonly duration?: number
}

/** A pause too long to hold the step's place, or, where it is money that its problem misses, until there is some. */
export type RetryLater = {
  readonly type: 'later'
  /** ms */
  readonly delay: number
  readonly problem: Problem
  readonly attempts: number
  readonly memo?: ValueRef
  readonly models?: readonly ModelUse[]
}

/** A handler or fallback that was for a failure, and why it failed itself. */
export type FailedHandler = { readonly by: string; readonly problem: Problem }

/** How many are told of one step, and of each how many characters. */
const FAILED_HANDLER_LIMITS = { handlers: 20, text: 500 } as const

/** A handler that failed, as it is kept. */
export function toFailedHandler(by: string, { code, name, message, hint, stack }: Problem): FailedHandler {
  const problem = {
    code,
    name,
    message: message.slice(0, FAILED_HANDLER_LIMITS.text),
    ...(hint !== undefined && { hint }),
    ...(stack !== undefined && { stack: stack.slice(0, FAILED_HANDLER_LIMITS.text) }),
  }
  return { by: by.slice(0, FAILED_HANDLER_LIMITS.text), problem }
}

/** What came of a step, with those of its handlers that failed. */
export function withFailedHandlers<T extends object>(end: T, failed: readonly FailedHandler[]): T {
  return failed.length === 0 ? end : { ...end, failedHandlers: failed.slice(0, FAILED_HANDLER_LIMITS.handlers) }
}
