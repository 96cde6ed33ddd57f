import { TerminalError } from '../../../errors.ts'
import { parametersOfCall } from '../../../step/approval/call-parameters.ts'
import type { AuthoredParameters } from '../../../step/call/tool-call.ts'
import { lackOfCode } from '../../../tool/plugin/code-tool.ts'
import type { Tool } from '../../../tool/tool.ts'
import { codeMissing } from '../../../work/code-wait.ts'
import type { StepWork, ToolWork } from '../../plan/compiled.ts'
import type { PipelineContext, PipelineServices } from '../context.ts'
import { parametersOf } from '../templates/parameters.ts'

type CallWork = Extract<StepWork, { readonly type: 'tool' | 'ask' }>
/** The call of a step, before it is made. */
type StepCall = Pick<
  PipelineContext,
  'services' | 'step' | 'pipeline' | 'scope' | 'start' | 'callName' | 'callFor' | 'isGateAnswered'
>

/**
 * The tool that a step calls; undefined for other work. A model step
 * with tools asks an agent, which has gates of its own. The step waits if its tool is code that this process lacks.
 */
export function calledTool(work: StepWork, { toolbox }: Pick<PipelineServices, 'toolbox'>): Tool | undefined {
  if (work.type === 'tool') {
    const found = toolbox.find(work.tool, work.operation)
    if (work.code === undefined) return found
    const needed = { tool: nameOfTool(work), hash: work.code }
    const lack = lackOfCode(needed, found)
    if (lack === undefined) return found
    throw codeMissing(lack, needed)
  }
  return work.type === 'ask' && !work.model ? toolbox.find(work.tool) : undefined
}

/** The tool of a step, as for `calledTool`. TerminalError when it no longer exists. */
export function findTool(work: CallWork, { services }: Pick<PipelineContext, 'services'>): Tool {
  const found = calledTool(work, services)
  if (found) return found
  throw new TerminalError(`The tool ${nameOfTool(work)}, which this run was started with, no longer exists.`, {
    code: 'unknown_tool',
  })
}

/** The name of a tool with its operation. */
export const nameOfTool = ({ tool, operation }: Pick<ToolWork, 'tool' | 'operation'>): string =>
  operation === undefined ? tool : `${tool}:${operation}`

/** The parameters of a step's call, as the step renders them. */
export function renderedCall(tool: Tool, { step, pipeline, scope }: Omit<StepCall, 'services' | 'start'>) {
  const work = step.work as CallWork
  if (work.type === 'tool') return parametersOf(tool, work, pipeline, scope)
  const { written, parameters } = parametersOf(NO_COMMANDS, work, pipeline, scope)
  return { written, parameters: { ...parameters, ...work.opaque } }
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
