import type { CallbackHandler } from '../../../step/call/callback.ts'
import type { StepResult } from '../../../step/call/context.ts'
import { checkDenied, checkPermission } from '../../../step/call/permissions.ts'
import type { StepParameters } from '../../../step/record/outcome.ts'
import { handlerOfTool } from '../../../step/suspend/handlers.ts'
import { storeRef } from '../../../step/values.ts'
import { parseInput } from '../../../tool/input.ts'
import type { CallbackWork } from '../../plan/compiled.ts'
import { callParameters, findTool } from '../approval/called-tool.ts'
import type { PipelineContext } from '../context.ts'
import { renderAll } from '../templates/render.ts'
import { chainCallback } from './chain-callback.ts'
import { STEP_AGENT, stepAgent } from './step-agent.ts'

/** The request of a step to the chain. */
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
  const { services, start } = context
  const tool = findTool(work, context)
  const { parameters } = await callParameters(tool, context)
  checkDenied(tool, parameters, start.run)
  checkPermission(tool, services, start.run)
  const input = await parseInput(tool, parameters)
  return prepareRequest(tool.name, handlerOfTool(services, tool.name), input, parameters, context)
}

/** The step sends the request itself, since waiting is not an effect. */
async function prepareRequest(
  name: string,
  asking: CallbackHandler,
  input: unknown,
  given: StepParameters,
  context: PipelineContext,
): Promise<StepResult> {
  const asked = await asking.ask(input, context)
  if ('type' in asked) return { ...asked, parameters: given }
  return { type: 'ask', asking: name, question: asked, parameters: await storeRef(context.services.values, given) }
}
