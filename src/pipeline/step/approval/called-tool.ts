import { parametersOfCall } from '../../../step/approval/ruled-call.ts'
import type { AuthoredParameters } from '../../../step/call/tool-call.ts'
import { findTool as findPlainTool, type PlainCall, calledTool as plainTool } from '../../../step/plain/plain-call.ts'
import type { Tool } from '../../../tool/tool.ts'
import type { StepWork, ToolWork } from '../../plan/compiled.ts'
import type { PipelineContext, PipelineServices } from '../context.ts'
import { renderToolParameters } from '../templates/render.ts'

type CallWork = Extract<StepWork, { readonly type: 'tool' | 'ask' }>
/** The call of a step, before it is made. */
type StepCall = Pick<PipelineContext, 'services' | 'step' | 'pipeline' | 'scope' | 'start' | 'callName' | 'callFor'>

/**
 * The tool that a step calls; undefined for other work. A model step
 * with tools asks an agent, which has gates of its own. The step waits if its tool is code that this process lacks.
 */
export function calledTool(work: StepWork, services: Pick<PipelineServices, 'toolbox'>): Tool | undefined {
  const call = callOf(work)
  return call && plainTool(call, services)
}

function callOf(work: StepWork): PlainCall | undefined {
  if (work.type === 'tool') return { tool: nameOfTool(work), ...(work.code !== undefined && { code: work.code }) }
  return work.type === 'ask' && !work.model ? { tool: work.tool } : undefined
}

/** The tool of a step, as for `calledTool`. TerminalError when it no longer exists. */
export const findTool = (work: CallWork, { services }: Pick<PipelineContext, 'services'>): Tool =>
  findPlainTool(callOf(work) ?? { tool: nameOfTool(work) }, services)

export const nameOfTool = ({ tool, operation }: Pick<ToolWork, 'tool' | 'operation'>): string =>
  operation === undefined ? tool : `${tool}:${operation}`

/** The parameters of a step's call, as the step renders them. */
export function renderedCall(tool: Tool, { step, pipeline, scope }: Omit<StepCall, 'services' | 'start'>) {
  const work = step.work as CallWork
  const { parameters: written } = work
  const parameters = renderToolParameters(work.type === 'tool' ? tool : NO_COMMANDS, written, pipeline, scope)
  return { written, parameters: work.type === 'tool' ? parameters : { ...parameters, ...work.opaque } }
}

const NO_COMMANDS = {}

/**
 * The parameters with which a step makes its call, as `parametersOfCall`.
 * @throws TerminalError `not_approved` for a call that a person must approve first
 */
export function callParameters(tool: Tool, context: StepCall): AuthoredParameters | Promise<AuthoredParameters> {
  const { parameters: written } = context.step.work as CallWork
  return parametersOfCall(tool, written, () => renderedCall(tool, context), context)
}
