import { type Problem, TerminalError } from '../../../errors.ts'
import { parseInput } from '../../../tool/input.ts'
import type { Tool } from '../../../tool/tool.ts'
import { type CallbackRequest, type CallbackResult, type CallbackTraits, isCallbackTool } from '../../plan/callback.ts'
import type { CallbackWork, StepParameters } from '../../plan/compiled.ts'
import { storeRef } from '../../plan/refs.ts'
import type { PipelineServices, StepContext, StepResult, ValueResult } from '../context.ts'
import { parametersOf } from '../templates/parameters.ts'
import { renderAll } from '../templates/render.ts'
import { findTool } from '../tool-call/tool-call.ts'
import { TOOL_QUESTION } from './await-answers.ts'
import { chainCallback } from './chain-callback.ts'
import { toolQuestions } from './tool-question.ts'

/** A tool that an actor or a person completes later. */
export type CallbackTool = Tool & CallbackTraits & { readonly asking: CallbackHandler }

/** Work that somebody else does: the request to them, and the meaning of their answer. Both run within an effect of the step. */
// biome-ignore lint/suspicious/noExplicitAny: handlers of all inputs lie in one table
export interface CallbackHandler<Input = any> {
  /** A result when nobody needs to be asked. */
  ask(input: Input, context: StepContext): CallbackRequest | ValueResult | Promise<CallbackRequest | ValueResult>
  /** An exception, including a received problem that is rethrown, fails the step. */
  take(
    question: CallbackRequest,
    received: CallbackResult,
    callback: CallbackContext,
  ): CallbackVerdict | Promise<CallbackVerdict>
}

/** The context of an answer. `ms`: how long it took. `key`: the idempotency key of the step's call. */
export type CallbackContext = {
  readonly services: PipelineServices
  readonly parameters: StepParameters
  readonly ms: number
  readonly key: string
}

/** The meaning of an answer: a result; refused, so the request stands; or another request after a delay. */
export type CallbackVerdict =
  | ValueResult
  | { readonly type: 'refused'; readonly problem: Problem; readonly question: CallbackRequest }
  | { readonly type: 'again'; readonly question: CallbackRequest; readonly delay: number }

/** The request of a step to the chain. */
export async function requestChain(authored: StepParameters, context: StepContext): Promise<StepResult> {
  const { services, pipeline, scope } = context
  const parameters = renderAll(authored, pipeline, scope, ['parameters']) as StepParameters
  return prepareRequest('chain', callbackHandlerOf(services, 'chain'), parameters, parameters, context)
}

const NO_COMMANDS = {}

/** The request of a tool that somebody else completes. */
export async function requestByTool(work: CallbackWork, context: StepContext): Promise<StepResult> {
  const { services, pipeline, scope } = context
  const tool = findTool(work, context)
  const parameters = { ...parametersOf(NO_COMMANDS, work, pipeline, scope).parameters, ...work.opaque }
  const input = await parseInput(tool, parameters)
  return prepareRequest(tool.name, callbackHandlerOf(services, tool.name), input, parameters, context)
}

/** The handler of a callback tool. TerminalError when the tool no longer exists. */
export function callbackHandlerOf({ toolbox }: PipelineServices, name: string): CallbackHandler {
  if (name === 'chain') return chainCallback
  if (name === TOOL_QUESTION) return toolQuestions
  const tool = toolbox.find(name)
  if (tool && isCallbackTool(tool)) return tool.asking as CallbackHandler
  throw new TerminalError(`no handler for an answer to ${name}`, { code: 'unknown_tool' })
}

/** The step sends the request itself, since waiting is not an effect. */
async function prepareRequest(
  name: string,
  asking: CallbackHandler,
  input: unknown,
  given: StepParameters,
  context: StepContext,
): Promise<StepResult> {
  const asked = await asking.ask(input, context)
  if ('type' in asked) return { ...asked, parameters: given }
  return { type: 'ask', asking: name, question: asked, parameters: await storeRef(context.services.values, given) }
}
