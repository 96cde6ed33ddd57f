import type { StandbyEnd, StepEnd } from '../../plan/messages/step-end.ts'
import type { FailedHandler } from '../../plan/step-outcome.ts'
import type { PendingCallback } from '../outcome.ts'

/** The progress of a failed step's recovery: its failure, the next handler, and the results of earlier handlers. */
export type RecoveryProgress = {
  readonly failed: Extract<StepEnd, { readonly status: 'failed' }>
  readonly from: number
  readonly standby: readonly StandbyEnd[]
  readonly vain: readonly FailedHandler[]
}

/** Thrown where a handler would make a call that a person must approve first. The step waits, and continues with this handler. */
export class PendingApproval extends Error {
  readonly gate: PendingCallback
  readonly progress: RecoveryProgress
  readonly #mark = true
  /** Whether this error was thrown. */
  static is(thrown: unknown): thrown is PendingApproval {
    return typeof thrown === 'object' && thrown !== null && #mark in thrown
  }
  constructor(gate: PendingCallback, progress: RecoveryProgress) {
    super('a person must approve the call of a handler first')
    this.gate = gate
    this.progress = progress
  }
}
