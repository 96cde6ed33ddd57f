import { TerminalError } from '../../../errors.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import { mayWait } from '../../../step/attempt/may-ask.ts'
import type { StepContext } from '../../../step/call/context.ts'
import { checkDenied } from '../../../step/call/permissions.ts'
import type { AuthoredParameters } from '../../../step/call/tool-call.ts'
import type { CallDecision } from '../../../step/messages/call-decision.ts'
import type { WorkPolicy } from '../../../step/policy.ts'
import type { StepParameters } from '../../../step/record/outcome.ts'
import { readRef } from '../../../step/values.ts'
import { type ApprovalNeed, asksItself, needByPolicy } from '../../../tool/agents/approval-policy.ts'
import { lackOfCode } from '../../../tool/plugin/code-tool.ts'
import type { Tool } from '../../../tool/tool.ts'
import { codeMissing } from '../../../work/code-wait.ts'
import type { StepWork, ToolWork } from '../../plan/compiled.ts'
import type { PipelineContext, PipelineServices } from '../context.ts'
import { parametersOf } from '../templates/parameters.ts'
import { needByTool } from './need-by-tool.ts'

type CallWork = Extract<StepWork, { readonly type: 'tool' | 'ask' }>
/** The call of a step, before it is made. */
export type StepCall = Pick<
  PipelineContext,
  'services' | 'step' | 'pipeline' | 'scope' | 'start' | 'callName' | 'callFor'
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
 * The parameters with which a step makes its call: those that a person approved, otherwise the rendered ones.
 * @throws TerminalError `not_approved` for a call that a person must approve first
 */
export function callParameters(tool: Tool, context: StepCall): AuthoredParameters | Promise<AuthoredParameters> {
  const { start, callName, step, services } = context
  const decision = start.decisions?.[callName]
  if (decision) return decidedParameters(tool, decision, step.work as CallWork, services)
  const given = renderedCall(tool, context)
  checkDenied(tool, given.parameters, start.run)
  return mayWait(tool, start.run) ? unlessNeeded(tool, given, context) : given
}

async function unlessNeeded(tool: Tool, given: AuthoredParameters, context: StepCall): Promise<AuthoredParameters> {
  if (await needOfCall(tool, given, context)) throw notApproved(tool)
  return given
}

/**
 * Why a call waits until a person approves it, by its tool or by the policy of its run; undefined: it does not.
 * @throws InvalidError when the tool decides by its input, and the parameters do not fit: the call fails with it, too
 */
export async function needOfCall(
  tool: Tool,
  given: AuthoredParameters,
  context: StepCall,
): Promise<ApprovalNeed | undefined> {
  const own = asksItself(tool) ? await needByTool(tool, given, context) : undefined
  return own ?? needByRun(tool, given.parameters, context)
}

/** Why the policy of a run makes a call wait for a person; undefined: it does not, or the run has none. */
export function needByRun(
  tool: Tool,
  parameters: unknown,
  { start: { run }, services }: Pick<StepContext, 'start' | 'services'>,
): ApprovalNeed | undefined {
  const { approve, chosenByModel } = run
  return approve && needByPolicy(tool, parameters, approve, [], chosenByModel ? services.area : undefined)
}

/**
 * Where a call may write. A call that a model chose and that needed no
 * approval writes only in the folders under `writes:`.
 */
export function writeLimit({
  services,
  step,
  start,
  callName,
}: Pick<StepCall, 'services' | 'step' | 'start' | 'callName'>): Pick<WorkPolicy, 'writesWithin'> {
  const { approve = 'none', chosenByModel } = start.run
  if (start.decisions?.[callName]) return NO_LIMIT
  if (approve === 'none' || !chosenByModel) return step.policy
  return calledTool(step.work, services)?.changes ? { writesWithin: 'area' } : step.policy
}

const NO_LIMIT = {}

async function decidedParameters(
  tool: Tool,
  decision: CallDecision,
  { parameters: written }: CallWork,
  { values }: PipelineServices,
): Promise<AuthoredParameters> {
  if (!decision.approved) throw notApproved(tool)
  const parameters = (await readRef(values, decision.parameters)) as StepParameters
  return { written: authoredIn(written, parameters) as StepParameters, parameters }
}

/** The texts that are still as the author wrote them, which alone may name secrets. Everything else is data: null. */
function authoredIn(written: Json | undefined, given: Json): Json {
  if (typeof given === 'string') return written === given ? given : null
  if (Array.isArray(given)) {
    const items: readonly Json[] = Array.isArray(written) ? written : []
    return given.map((item, index) => authoredIn(items[index], item))
  }
  if (!isJsonObject(given)) return null
  const fields = isJsonObject(written) ? written : {}
  return Object.fromEntries(
    Object.entries(given).map(([name, item]) => [
      name,
      authoredIn(Object.hasOwn(fields, name) ? fields[name] : undefined, item ?? null),
    ]),
  )
}

function notApproved({ name }: Tool): TerminalError {
  return new TerminalError(`The call of ${name} was not made: no person approved it.`, { code: 'not_approved' })
}
