import type { Question } from '../plan/callback.ts'
import type { CompiledStep } from '../plan/compiled.ts'
import type { StepStart } from '../plan/messages/step-start.ts'

/** No step may take longer than what is left of its iteration. */
export function hurried(step: CompiledStep, { left }: StepStart): CompiledStep {
  return left === undefined ? step : { ...step, timeout: Math.min(left, step.timeout ?? left) }
}

/** The answer may take as long as the step, or as the question says where that is shorter. */
export function within<T extends { readonly question: Question }>(deed: T, { timeout }: CompiledStep): T {
  const { question } = deed
  if (timeout === undefined) return deed
  return { ...deed, question: { ...question, limit: Math.min(timeout, question.limit ?? timeout) } }
}
