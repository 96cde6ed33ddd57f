import { hashOfCode, lackOfCode } from '../../tool/plugin/code-tool.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import type { AgentDefinition } from '../definition/definition.ts'
import { toolsNamed } from './tool-offers.ts'

/** The definition with the hashes of those of its tools that are code of a program. */
export function bindTools(definition: AgentDefinition, toolbox: Toolbox): AgentDefinition {
  const { bound: _, ...rest } = definition
  const tools = definition.tools.flatMap((name) => toolsNamed(name, toolbox))
  const bound = tools.flatMap((tool) => {
    const code = hashOfCode(tool)
    return code === undefined ? [] : [[tool.name, code] as const]
  })
  return bound.length === 0 ? rest : { ...rest, bound: Object.fromEntries(bound) }
}

/**
 * Why this process cannot continue a goal: a tool of a program that it lacks or has with other parameters. Empty: it
 * can.
 */
export function missingCode({ bound = {} }: AgentDefinition, toolbox: Toolbox): string {
  for (const [tool, hash] of Object.entries(bound)) {
    const [found] = toolsNamed(tool, toolbox)
    const lack = lackOfCode({ tool, hash }, found?.name === tool ? found : undefined)
    if (lack !== undefined) return lack
  }
  return ''
}
