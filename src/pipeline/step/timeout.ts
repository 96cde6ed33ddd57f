import type { CallbackRequest } from '../../step/messages/callback.ts'
import type { WorkPolicy } from '../../step/policy.ts'
import type { CompiledStep } from '../plan/compiled.ts'
import type { PipelineStepStart } from '../plan/messages/step-order.ts'

/** The step with its timeout cut to what is left of its iteration. */
export function withDeadline(step: CompiledStep, { policy: { timeLeft } }: PipelineStepStart): CompiledStep {
  if (timeLeft === undefined) return step
  const timeout = Math.min(timeLeft, step.policy.timeout ?? timeLeft)
  return { ...step, policy: { ...step.policy, timeout } }
}

/** Limits a callback request to the step's timeout, unless its own limit is shorter. */
export function withCallbackTimeout<T extends { readonly question: CallbackRequest }>(
  result: T,
  { timeout }: Pick<WorkPolicy, 'timeout'>,
): T {
  const { question } = result
  if (timeout === undefined) return result
  return { ...result, question: { ...question, limit: Math.min(timeout, question.limit ?? timeout) } }
}
