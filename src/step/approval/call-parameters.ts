import { TerminalError } from '../../errors.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import { parseInput } from '../../tool/input.ts'
import { secretNamesIn } from '../../tool/secrets.ts'
import type { Tool } from '../../tool/tool.ts'
import { type ApprovalNeed, asksItself, needByPolicy, needOfTool } from '../../work/approval/policy.ts'
import type { StepContext } from '../call/context.ts'
import type { AuthoredParameters } from '../call/tool-call.ts'
import type { WorkPolicy } from '../policy.ts'

/** The call of a step, before it is made. */
export type UnmadeCall = Pick<StepContext, 'services' | 'start' | 'callName' | 'callFor' | 'need'>

/**
 * Why a call waits until a person approves it, by its order, its tool or the policy of its run; undefined: it does not.
 * @throws InvalidError when the tool decides by its input, and the parameters do not fit: the call fails with it, too
 */
export async function needOfCall(
  tool: Tool,
  given: AuthoredParameters,
  call: UnmadeCall,
): Promise<ApprovalNeed | undefined> {
  if (call.need) return call.need
  const own = asksItself(tool) ? await needByTool(tool, given, call) : undefined
  return own ?? needByRun(tool, given.parameters, call)
}

/** Why the tool itself asks a person; undefined: it does not. */
async function needByTool(
  tool: Tool,
  { written, parameters }: AuthoredParameters,
  { callFor }: UnmadeCall,
): Promise<ApprovalNeed | undefined> {
  if (typeof tool.approve !== 'function') return needOfTool(tool, parameters, callFor)
  // secrets are inserted at the call alone, so nobody can judge it here
  if (secretNamesIn(written).length > 0) return { because: 'a secret in its parameters' }
  return needOfTool(tool, await parseInput(tool, parameters), callFor)
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

/** The texts that are still as the author wrote them, which alone may name secrets. Everything else is data: null. */
export function authoredIn(written: Json | undefined, given: Json): Json {
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

/** The error of a call that a person must approve first. */
export function notApproved({ name }: Tool): TerminalError {
  return new TerminalError(`The call of ${name} was not made: no person approved it.`, { code: 'not_approved' })
}

/**
 * Where a call may write. A call that a model chose and that needed no
 * approval writes only in the folders under `writes:`.
 */
export function writeLimit(
  findTool: () => Tool | undefined,
  policy: Pick<WorkPolicy, 'writesWithin'>,
  { start, callName }: Pick<StepContext, 'start' | 'callName'>,
): Pick<WorkPolicy, 'writesWithin'> {
  const { approve = 'none', chosenByModel } = start.run
  if (start.decisions?.[callName]) return NO_LIMIT
  if (approve === 'none' || !chosenByModel) return policy
  return findTool()?.changes ? { writesWithin: 'area' } : policy
}

const NO_LIMIT = {}
