import { ruledParameters } from '../../../step/approval/ruled-call.ts'
import { prepareRequest, requestOfTool } from '../../../step/attempt/request.ts'
import type { StepResult } from '../../../step/call/context.ts'
import type { StepParameters } from '../../../step/record/outcome.ts'
import type { CallbackWork } from '../../plan/compiled.ts'
import { callParameters, findTool } from '../approval/called-tool.ts'
import type { PipelineContext } from '../context.ts'
import { renderAll } from '../templates/render.ts'
import { chainCallback } from './chain-callback.ts'
import { STEP_AGENT, stepAgent } from './step-agent.ts'

export async function requestChain(authored: StepParameters, context: PipelineContext): Promise<StepResult> {
  const { pipeline, scope } = context
  const parameters = renderAll(authored, pipeline, scope, ['parameters']) as StepParameters
  return prepareRequest('chain', chainCallback, parameters, parameters, context)
}

/** The request of a model step with `tools:` to an agent of its own. */
async function requestStepAgent(work: CallbackWork, context: PipelineContext): Promise<StepResult> {
  const { pipeline, scope } = context
  const parameters = renderAll(work.parameters, pipeline, scope, ['parameters']) as StepParameters
  return prepareRequest(STEP_AGENT, stepAgent, { work, parameters }, parameters, context)
}

/** The request of a tool that another service completes. */
export async function requestByTool(work: CallbackWork, context: PipelineContext): Promise<StepResult> {
  if (work.model) return requestStepAgent(work, context)
  const tool = findTool(work, context)
  const { parameters } = await ruledParameters(tool, await callParameters(tool, context), context)
  return requestOfTool(tool, parameters, context)
}
