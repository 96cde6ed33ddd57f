import { TerminalError } from '../../../errors.ts'
import { TOOL_QUESTION } from '../../../step/call/await-answers.ts'
import type { CallbackHandler } from '../../../step/call/callback.ts'
import type { StepResult } from '../../../step/call/context.ts'
import { checkDenied, checkPermission } from '../../../step/call/permissions.ts'
import { isCallbackTool } from '../../../step/messages/callback.ts'
import type { StepParameters } from '../../../step/record/outcome.ts'
import { storeRef } from '../../../step/values.ts'
import { parseInput } from '../../../tool/input.ts'
import type { CallbackWork } from '../../plan/compiled.ts'
import { callParameters, findTool } from '../approval/called-tool.ts'
import { CALL_GATE, callGate } from '../approval/decide-call.ts'
import type { PipelineContext, PipelineServices } from '../context.ts'
import { settleCall } from '../settle/settle-call.ts'
import { UNKNOWN_OUTCOME } from '../settle/unknown-outcome.ts'
import { renderAll } from '../templates/render.ts'
import { chainCallback } from './chain-callback.ts'
import { PROGRAM_CODE } from './code-work.ts'
import { STEP_AGENT, stepAgent } from './step-agent.ts'
import { toolQuestions } from './tool-question.ts'

/** The request of a step to the chain. */
export async function requestChain(authored: StepParameters, context: PipelineContext): Promise<StepResult> {
  const { services, pipeline, scope } = context
  const parameters = renderAll(authored, pipeline, scope, ['parameters']) as StepParameters
  return prepareRequest('chain', callbackHandlerOf(services, 'chain'), parameters, parameters, context)
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
  return prepareRequest(tool.name, callbackHandlerOf(services, tool.name), input, parameters, context)
}

/** The handler of a callback tool. TerminalError when the tool no longer exists. */
export function callbackHandlerOf({ toolbox, code }: PipelineServices, name: string): CallbackHandler {
  if (name === PROGRAM_CODE && code) return code.handler
  if (name === 'chain') return chainCallback
  if (name === TOOL_QUESTION) return toolQuestions
  if (name === CALL_GATE) return callGate
  if (name === UNKNOWN_OUTCOME) return settleCall
  if (name === STEP_AGENT) return stepAgent
  const tool = toolbox.find(name)
  if (tool && isCallbackTool(tool)) return tool.asking as CallbackHandler
  throw new TerminalError(`There is no handler for an answer to ${name}.`, { code: 'unknown_tool' })
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
