import { isInterruption } from '../../../kernel/faults.ts'
import type { EffectCall } from '../../../kernel/types.ts'
import type { DescribedCall } from '../../../step/attempt/work.ts'
import { storeRef, type ValueRef } from '../../../step/values.ts'
import type { CompiledStep } from '../../plan/compiled.ts'
import { calledTool, callParameters } from '../approval/called-tool.ts'
import { openContext, type PipelineAttempt } from '../attempt.ts'

/**
 * Describes a call that may have taken place, for a person. `name` makes its name from that of its tool. `open` gives
 * the handler that made it, with the values that it sees.
 */
export function describeCall(
  attempt: PipelineAttempt,
  step: CompiledStep,
  { name, open }: { name(tool: string): string; open?(call: EffectCall): Promise<PipelineAttempt['as']> },
): DescribedCall {
  const tool = calledTool(step.work, attempt.services)?.name
  const parameters = () => parametersIn(attempt, open)
  return { name: name(tool ?? `the work of ${step.id}`), tool, parameters }
}

/** The parameters of the call, for people; undefined if they can no longer be rendered. */
async function parametersIn(
  attempt: PipelineAttempt,
  open: (call: EffectCall) => Promise<PipelineAttempt['as']> = async () => undefined,
): Promise<ValueRef | undefined> {
  try {
    const as = await open(attempt.call)
    const context = await openContext(as ? { ...attempt, as } : attempt)
    const tool = calledTool(context.step.work, context.services)
    return tool && (await storeRef(context.services.values, (await callParameters(tool, context)).parameters))
  } catch (error) {
    if (attempt.call.signal.aborted || isInterruption(error)) throw error
    return undefined
  }
}
