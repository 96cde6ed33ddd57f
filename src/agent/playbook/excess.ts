import type { CompiledPipeline, CompiledStep } from '../../pipeline/plan/compiled.ts'
import { deniedName } from '../../tool/mcp/names-of-call.ts'
import type { AgentDefinition } from '../definition/definition.ts'

/** The tool that waits until a person approves. */
const GATE = 'approval-gate'

/** The first step of a playbook that exceeds the rights of its agent or uses other tools; undefined without one. */
export function excessOf(
  { tools, denied = [] }: Pick<AgentDefinition, 'tools' | 'denied'>,
  { steps }: CompiledPipeline,
): string | undefined {
  const names = (list: readonly string[], tool: string) => list.includes(tool) || list.includes(tool.split(':')[0]!)
  for (const [node, step] of Object.entries(steps).flatMap(withRecoveries)) {
    const tool = toolOf(step)
    if (tool === undefined || tool === GATE) continue
    const missing = [tool, ...toolsOfModel(step)].find((one) => !names(tools, one))
    if (missing !== undefined) return `the step ${node} calls ${missing}, which the agent does not have`
    const deniedAs = deniedName(denied, tool, 'parameters' in step.work ? step.work.parameters : {})
    if (deniedAs !== undefined) return `the step ${node} calls ${deniedAs}, which the agent may not call`
  }
  return undefined
}

/** The tool that a step calls, with its operation. */
function toolOf({ work }: CompiledStep): string | undefined {
  if (work.type === 'ask') return work.tool
  if (work.type !== 'tool') return undefined
  return work.operation === undefined ? work.tool : `${work.tool}:${work.operation}`
}

/** A step, and the actions that are tried when it has failed. */
function withRecoveries([node, step]: readonly [string, CompiledStep]): (readonly [string, CompiledStep])[] {
  const actions = (step.recovery?.recoveries ?? []).flatMap(({ action }) => (action ? [[node, action] as const] : []))
  return [[node, step], ...actions]
}

function toolsOfModel({ work }: CompiledStep): readonly string[] {
  return work.type === 'ask' && work.model ? work.model.tools : []
}
