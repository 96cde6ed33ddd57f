import { namesOfCall } from '../mcp/names-of-call.ts'
import type { Tool } from '../tool.ts'
import type { ApprovalPolicy } from '../tool-request.ts'
import { changesOutside, type WriteArea } from '../writes/area.ts'
import { mayDoHarm, startsRun } from './harm.ts'

/**
 * Whether a call waits for a person. By default pure calls do not, and neither do idempotent calls that can be undone.
 * `also` names tools that wait besides. A name stands for a tool with all its operations, or for one operation. A call
 * that starts a run waits under every list, because its steps could call what the list names. A call that changes a
 * path outside of `area` waits under every policy but `none`.
 */
export function needsApproval(
  tool: Tool,
  parameters: unknown,
  policy: ApprovalPolicy,
  also: readonly string[] = [],
  area?: WriteArea,
): boolean {
  if (isNamed(tool, parameters, also)) return true
  if (policy === 'none') return false
  if (area && changesOutside(tool, parameters, area)) return true
  if (policy === 'default') return mayDoHarm(tool, parameters)
  return isNamed(tool, parameters, policy) || (policy.length > 0 && startsRun(tool))
}

function isNamed({ name }: Tool, parameters: unknown, names: readonly string[]): boolean {
  return namesOfCall(name, parameters).some((one) => names.includes(one))
}
