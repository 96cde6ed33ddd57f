import type { CompiledStep } from '../plan/compiled.ts'
import type { PipelineStepStart } from '../plan/messages/step-order.ts'

/** The step with its timeout cut to what is left of its iteration. */
export function withDeadline(step: CompiledStep, { policy: { timeLeft } }: PipelineStepStart): CompiledStep {
  if (timeLeft === undefined) return step
  const timeout = Math.min(timeLeft, step.policy.timeout ?? timeLeft)
  return { ...step, policy: { ...step.policy, timeout } }
}
