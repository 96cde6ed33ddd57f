import { problemOf } from '../../errors.ts'
import { namesOfCall } from '../../tool/mcp/names-of-call.ts'
import type { CallFor, Tool } from '../../tool/tool.ts'
import { type ApprovalPolicy, type ApprovalRule, toolOfRule } from '../../tool/tool-request.ts'
import { changesOutside, type WriteArea } from '../../tool/writes/area.ts'
import { conditionHolds } from './condition.ts'
import { mayDoHarm, startsRun } from './harm.ts'

/** Why a call waits for a person. `because`: the condition that asked; absent: the tool, its effect, or its name. */
export type ApprovalNeed = { readonly because?: string }

/**
 * Why a policy makes a call wait for a person; undefined: it does not. By default pure calls do not wait, and neither
 * do idempotent calls that can be undone, nor calls of a tool that decides for itself (`approve`). `also` names tools
 * that wait besides. A name stands for a tool with all its operations, or for one operation. A call that starts a run
 * waits under every list, because its steps could call what the list names. A call that changes a path outside of
 * `area` waits under every policy but `none`.
 */
export function needByPolicy(
  tool: Tool,
  parameters: unknown,
  policy: ApprovalPolicy,
  also: readonly string[] = [],
  area?: WriteArea,
): ApprovalNeed | undefined {
  const byName = needByRules(tool, parameters, also)
  if (byName || policy === 'none') return byName
  if (area && changesOutside(tool, parameters, area)) return NEEDED
  if (policy === 'default') return tool.approve === undefined && mayDoHarm(tool, parameters) ? NEEDED : undefined
  return needByRules(tool, parameters, policy) ?? (policy.length > 0 && startsRun(tool) ? NEEDED : undefined)
}

const NEEDED: ApprovalNeed = {}

export const asksItself = ({ approve }: Pick<Tool, 'approve'>): boolean => approve !== undefined && approve !== false

/** Why a tool itself asks before a call; undefined: it does not. Everything but `false` asks, also an error. */
export function needOfTool({ approve }: Tool, input: unknown, callFor: CallFor): ApprovalNeed | undefined {
  if (approve === undefined) return undefined
  try {
    return (typeof approve === 'function' ? approve(input, callFor) : approve) === false ? undefined : NEEDED
  } catch (error) {
    return { because: `an error of its \`approve\`: ${problemOf(error).message}` }
  }
}

/** A rule without a condition goes before those with one. */
function needByRules(tool: Tool, parameters: unknown, rules: readonly ApprovalRule[]): ApprovalNeed | undefined {
  if (rules.length === 0) return undefined
  const names = namesOfCall(tool.name, parameters)
  const meant = rules.filter((rule) => names.includes(toolOfRule(rule)))
  if (meant.some((rule) => typeof rule === 'string')) return NEEDED
  for (const rule of meant)
    if (typeof rule !== 'string' && conditionHolds(rule.when, rule.tool, tool, parameters))
      return { because: rule.when }
  return undefined
}
