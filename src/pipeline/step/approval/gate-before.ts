import { gateOf } from '../../../step/messages/call-names.ts'
import { readStepPart } from '../../../step/messages/step-parts.ts'
import { hasEnded } from '../../../step/record/outcome.ts'
import type { CompiledStep } from '../../plan/compiled.ts'
import type { PipelineAttempt } from '../attempt.ts'

/**
 * Whether a person has answered the gate of a call in this run. Only a list of calls has such gates, and no author can
 * write one. The answer of an earlier run, which a fork reuses, approved another call.
 */
export async function isGateAnswered(
  step: CompiledStep,
  { start, services }: Pick<PipelineAttempt, 'start' | 'services'>,
): Promise<boolean> {
  const { work, edges } = step
  const gate = gateOf(step.id)
  if (!('parametersFrom' in work) || !edges.needs.includes(gate)) return false
  if (!start.run.recorded) return true
  const part = await readStepPart(services.readParts, start.run.id, gate)
  return hasEnded(part) && part.attempts > 0
}
