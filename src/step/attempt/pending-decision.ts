import type { StandbyEnd, StepEnd } from '../messages/step-end.ts'
import type { StepOutcome } from '../record/outcome.ts'
import type { FailedHandler } from '../record/step.ts'
import type { PendingCallback } from './outcome.ts'

/** The progress of a failed step's recovery: its failure, the next handler, and the results of earlier handlers. */
export type RecoveryProgress = {
  readonly failed: Extract<StepEnd, { readonly status: 'failed' }>
  readonly from: number
  readonly standby: readonly StandbyEnd[]
  readonly vain: readonly FailedHandler[]
  /** a call of the next handler whose outcome was unknown */
  readonly call?: {
    /** 0: its own call; else the number of the attempt at the step after it */
    readonly round: number
    /** the idempotency key of the call */
    readonly key: string
    /** the outcome that a person settled; absent: the call is made again */
    readonly settled?: StepOutcome
  }
}

/**
 * Thrown where the recovery of a step waits for a person: to approve a call
 * of a handler, or to settle it. The step continues with this handler.
 */
export class PendingDecision extends Error {
  readonly question: PendingCallback
  readonly progress: RecoveryProgress
  readonly #mark = true
  /** Whether this error was thrown. */
  static is(thrown: unknown): thrown is PendingDecision {
    return typeof thrown === 'object' && thrown !== null && #mark in thrown
  }
  constructor(question: PendingCallback, progress: RecoveryProgress) {
    super('a person must decide about the call of a handler first')
    this.question = question
    this.progress = progress
  }
}
