import type { AuthoredParameters } from '../../../step/call/tool-call.ts'
import { gateOf } from '../../../step/messages/call-names.ts'
import { hasEnded } from '../../../step/record/outcome.ts'
import { type ApprovalNeed, needOfTool } from '../../../tool/agents/approval-policy.ts'
import { parseInput } from '../../../tool/input.ts'
import { secretNamesIn } from '../../../tool/secrets.ts'
import type { Tool } from '../../../tool/tool.ts'
import { findPart } from '../values/step-values.ts'
import type { StepCall } from './called-tool.ts'

/**
 * Why the tool itself asks a person before this call; undefined: it does not, or a person has answered the gate that
 * the run put before the step.
 */
export async function needByTool(
  tool: Tool,
  given: AuthoredParameters,
  context: StepCall,
): Promise<ApprovalNeed | undefined> {
  const need = await judged(tool, given, context)
  return need && !(await isGateAnswered(context)) ? need : undefined
}

async function judged(
  tool: Tool,
  { written, parameters }: AuthoredParameters,
  { callFor }: StepCall,
): Promise<ApprovalNeed | undefined> {
  if (typeof tool.approve !== 'function') return needOfTool(tool, parameters, callFor)
  // secrets are inserted at the call alone, so nobody can judge it here
  if (secretNamesIn(written).length > 0) return { because: 'a secret in its parameters' }
  return needOfTool(tool, await parseInput(tool, parameters), callFor)
}

/**
 * Whether a person has answered the gate of a call in this run. Only a list of calls has such gates, and no author can
 * write one. The answer of an earlier run, which a fork reuses, approved another call.
 */
async function isGateAnswered({ step, start, services }: StepCall): Promise<boolean> {
  const { work, edges } = step
  const gate = gateOf(step.id)
  if (!('parametersFrom' in work) || !edges.needs.includes(gate)) return false
  if (!start.run.recorded) return true
  const part = await findPart(start.run.id, gate, services.readParts)
  return hasEnded(part) && part.attempts > 0
}
