import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Artifact } from './artifact.ts'
import type { LoopKind, StepParameters } from './compiled.ts'
import type { ModelUse } from './model-use.ts'
import type { ValueRef } from './refs.ts'

/** The part of a run that records a step: how far it is, or how it ended. */
export type StepPart = {
  readonly status: 'waiting' | 'queued' | 'running' | 'completed' | 'failed' | 'skipped' | 'cancelled'
  /** the other members of its batch, until their outcome is known */
  readonly beside?: readonly string[]
  /** dependencies that have not ended */
  readonly missing?: number
  /** optional dependencies that have ended; `free`: those the step does not wait for */
  readonly met?: readonly string[]
  readonly free?: readonly string[]
  /** the steps that a dependent waits for, when this step decides it */
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
  /** the step its dynamic route chose */
  readonly goto?: string
  readonly models?: readonly ModelUse[]
  /** the step whose route passed over it */
  readonly by?: string
  /** a route led to this step, which runs only then */
  readonly demanded?: true
  /** how many steps of the run ended before */
  readonly order?: number
  /** data its tool needs to undo the step */
  readonly memo?: ValueRef
  /** whether that was undone, and why not */
  readonly undone?: boolean
  readonly undoProblem?: Problem
  /** how its failure was handled */
  readonly handled?: string
  /** handlers that failed themselves */
  readonly failedHandlers?: readonly FailedHandler[]
  /** the result comes from a fallback */
  readonly degraded?: true
  /** when its next attempt is due: ms since the epoch */
  readonly until?: number
  /** the result equals the one an earlier run recorded */
  readonly same?: true
  /** the list of a loop, or the maximum number of iterations */
  readonly list?: ValueRef
  readonly most?: number
  /** the file it made */
  readonly artifact?: Artifact
  /** digest of the files its model was given */
  readonly files?: string
  /** digest of the files its templates read */
  readonly looked?: string
  /** outputs that could not be rendered */
  readonly warnings?: readonly string[]
}

/** A problem, the step that caused it, if any, and the handlers of that step that failed. */
export type StepProblem = Problem & Pick<StepPart, 'failedHandlers'> & { readonly step?: string }

/** The stored value of an ended step, as later steps read it. */
export type StepValue = {
  readonly status: 'completed' | 'failed' | 'skipped'
  readonly result: Json
  /** what it was called with, rendered */
  readonly parameters?: StepParameters
  /** further fields beside its result: its action, the model that answered */
  readonly fields?: StepParameters
  /** its text form, when that does not follow from its result */
  readonly text?: string
  /** the kind of loop, if the step is one */
  readonly loop?: LoopKind
  /** for a loop: the result refers to this many values of body steps instead of holding them */
  readonly named?: number
  /** for a queue with one action per item: the name of that action */
  readonly only?: string
  readonly error?: string
  /** what kind of failure it was */
  readonly failure?: { readonly type: string; readonly code: string; readonly attempts?: number }
  /** how its failure was handled */
  readonly handled?: string
  /** why it was skipped */
  readonly reason?: string
  /** ms */
  readonly duration?: number
}

/** The step retries later: after a delay too long to hold its slot, or when its budget allows it. */
export type RetryLater = {
  readonly type: 'later'
  /** ms */
  readonly delay: number
  readonly problem: Problem
  readonly attempts: number
  readonly memo?: ValueRef
  readonly models?: readonly ModelUse[]
}

/** A handler or fallback that was called for a failure, and why it failed itself. */
export type FailedHandler = { readonly by: string; readonly problem: Problem }

/** At most this many failed handlers per step, and characters per text. */
const FAILED_HANDLER_LIMITS = { handlers: 20, text: 500 } as const

/** Truncates the problem of a failed handler for storage. */
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

/** Adds the failed handlers to the outcome of a step. */
export function withFailedHandlers<T extends object>(end: T, failed: readonly FailedHandler[]): T {
  return failed.length === 0 ? end : { ...end, failedHandlers: failed.slice(0, FAILED_HANDLER_LIMITS.handlers) }
}
