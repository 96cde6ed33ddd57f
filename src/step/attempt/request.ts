import { TerminalError } from '../../errors.ts'
import { parseInput } from '../../tool/input.ts'
import type { Tool } from '../../tool/tool.ts'
import type { CallbackHandler } from '../call/callback.ts'
import type { StepContext, StepResult, StepServices } from '../call/context.ts'
import { checkDenied, checkPermission } from '../call/permissions.ts'
import { isCallbackTool } from '../messages/callback.ts'
import type { StepParameters } from '../record/outcome.ts'
import { storeRef } from '../values.ts'

/** The request of a tool that an actor or a person completes. */
export async function requestOfTool(tool: Tool, parameters: StepParameters, context: StepContext): Promise<StepResult> {
  const { services, start } = context
  checkDenied(tool, parameters, start.run)
  checkPermission(tool, services, start.run)
  const input = await parseInput(tool, parameters)
  return prepareRequest(tool.name, handlerOfTool(services, tool.name), input, parameters, context)
}

/** The step sends the request itself, since waiting is not an effect. */
export async function prepareRequest(
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

/** The handler of a callback tool. TerminalError when the tool no longer exists. */
export function handlerOfTool({ toolbox }: Pick<StepServices, 'toolbox'>, name: string): CallbackHandler {
  const tool = toolbox.find(name)
  if (tool && isCallbackTool(tool)) return tool.asking as CallbackHandler
  throw new TerminalError(`There is no handler for an answer to ${name}.`, { code: 'unknown_tool' })
}
