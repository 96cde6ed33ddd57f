import type { Problem } from '../../errors.ts'
import type { Turn } from '../../kernel/types.ts'
import type { AwaitingCallback, StepState } from '../attempt/step-state.ts'
import { isSignalTarget } from '../messages/callback.ts'
import type { StepEnd } from '../messages/step-end.ts'
import { toFailedHandler, withFailedHandlers } from '../record/outcome.ts'
import { reportEnd } from './after-decision.ts'
import { UNKNOWN_OUTCOME } from './unknown-outcome.ts'

export function endOfWait({ step, attempts, key, filesDigest, tries }: AwaitingCallback, ms: number) {
  const about = { type: 'step-end', step, attempts, key, ms, ...(tries && { tries }) } as const
  return filesDigest === undefined ? about : { ...about, reuse: { filesDigest } }
}

/** The step was cancelled, and its request with it. */
export function cancelCallback(waiting: AwaitingCallback): Turn<StepState> {
  return { ...cancelRequest(waiting), stop: true }
}

/** The run has failed or was cancelled, so the step stops waiting. */
export function abandonCallback(waiting: AwaitingCallback): Turn<StepState> {
  return { ...cancelRequest(waiting), ...reportEnd(waiting, abandonedEnd(waiting)) }
}

function abandonedEnd(waiting: AwaitingCallback): StepEnd {
  const { asking, question, recovery } = waiting
  const about = endOfWait(waiting, 0)
  if (asking !== UNKNOWN_OUTCOME) return { ...about, status: 'skipped', reason: 'aborted' }
  const problem = question.memo as Problem
  if (!recovery) return { ...about, status: 'failed', problem }
  const { failed, standby, vain } = recovery
  const handlers = withFailedHandlers(failed.recovery ?? {}, [...vain, toFailedHandler('handler', problem)])
  return { ...failed, recovery: handlers, ...(standby.length > 0 && { standby: [...standby] }) }
}

/** Cancels the request of a step that no longer waits. */
export function cancelRequest({ question: { to, work } }: AwaitingCallback): Turn<StepState> {
  if (work === undefined || isSignalTarget(to)) return {}
  return { cancel: [{ of: to, correlationId: work, reason: 'its step was cancelled' }] }
}
