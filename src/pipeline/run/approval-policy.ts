import { effectClassOf, type Tool } from '../../tool/tool.ts'
import type { ApprovalPolicy } from '../../tool/tool-request.ts'

/** Tools whose work is a run of its own: its steps may do anything. */
const STARTS_RUNS: readonly string[] = ['pipeline-executor']

/**
 * Whether a call waits for a person. By default pure calls do not, and neither do idempotent calls that can be undone. `also` names tools that
 * wait besides. A name stands for a tool with all its operations, or for one operation.
 */
export function needsApproval(
  tool: Tool,
  parameters: unknown,
  policy: ApprovalPolicy,
  also: readonly string[] = [],
): boolean {
  if (isNamed(tool, also)) return true
  if (policy === 'none') return false
  return policy === 'default' ? mayDoHarm(tool, parameters) : isNamed(tool, policy)
}

function isNamed({ name }: Tool, names: readonly string[]): boolean {
  return names.includes(name) || names.includes(name.split(':')[0]!)
}

function mayDoHarm(tool: Tool, parameters: unknown): boolean {
  if (STARTS_RUNS.includes(tool.name)) return true
  const effect = effectClassOf(tool, parameters)
  return effect !== 'pure' && !(effect === 'idempotent' && tool.undo !== undefined)
}
