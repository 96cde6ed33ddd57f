/**
 * A step: one piece of work that survives. Pipelines, workflows and agents decide which step is next, and a run keeps
 * how it ended. `record/` is what is stored of a step, and `messages/` is what it and its run tell each other. Code
 * that all who decide would repeat belongs here. It knows no graph and no template.
 */

import { z } from 'zod'
import { type Plain, problem } from '../../document.ts'
import type { Problem } from '../../errors.ts'

export const failedHandler = z.object({ by: z.string(), problem })

/** A handler or fallback that was called for a failure, and why it failed itself. */
export type FailedHandler = Plain<typeof failedHandler>

/** How the failure of a step was handled. */
export type StepRecovery = {
  /** how the failure was handled; `level`: the log level of that */
  readonly handled?: string
  readonly level?: string
  /** handlers that failed themselves */
  readonly failedHandlers?: readonly FailedHandler[]
}

/** A problem, the step that caused it, if any, and the handlers of that step that failed. */
export type StepProblem = Problem & Pick<StepRecovery, 'failedHandlers'> & { readonly step?: string }

/** A text that is cut in the result of a step, and the blob that has all of it. */
export const wholeText = z.object({ field: z.string(), characters: z.number(), blob: z.string() })
export type WholeText = Plain<typeof wholeText>

/** Failed attempts that one event tells at most, and the attempts that a row of a step shows: the last ones. */
export const MAX_TRIES = 20

/** A failed attempt. `at`: when it began; `until`: the end of the pause after it; both in ms since the epoch. */
export type StepTry = {
  readonly attempt: number
  readonly code: string
  readonly message: string
  readonly at?: number
  readonly ms?: number
  readonly until?: number
}

/**
 * The message of a step to its run when it pauses before another attempt; `until`: ms since the epoch. `at` and `ms`:
 * the begin and the time of the failed attempt; `tries`: those before it since the last pause of this kind.
 */
export type StepWait = {
  readonly at?: number
  readonly ms?: number
  readonly tries?: readonly StepTry[]
  readonly type: 'step-wait'
  readonly step: string
  readonly until: number
  readonly attempts: number
  readonly problem: Problem
}

/** Whether a step was undone, and why not. */
export type UndoneStep = { readonly step: string; readonly undone: boolean; readonly problem?: Problem }
