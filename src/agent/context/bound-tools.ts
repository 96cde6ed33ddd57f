import { hash } from 'node:crypto'
import { anyInputSchemaOf } from '../../tool/schema.ts'
import { isCodeTool, type Tool } from '../../tool/tool.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import type { AgentDefinition } from '../definition/definition.ts'
import { toolsNamed } from './tool-offers.ts'

/** The hash of the schema of a tool's parameters. Schemas that cannot be converted are all alike. */
export function hashOfInput(tool: Pick<Tool, 'input'>): string {
  const known = hashes.get(tool.input) ?? hash('sha256', JSON.stringify(anyInputSchemaOf(tool) ?? null), 'hex')
  hashes.set(tool.input, known)
  return known
}

const hashes = new WeakMap<object, string>()

/** The definition with the hashes of those of its tools that are code of a program. */
export function bindTools(definition: AgentDefinition, toolbox: Toolbox): AgentDefinition {
  const { bound: _, ...rest } = definition
  const code = definition.tools.flatMap((name) => toolsNamed(name, toolbox)).filter(isCodeTool)
  if (code.length === 0) return rest
  return { ...rest, bound: Object.fromEntries(code.map((tool) => [tool.name, hashOfInput(tool)])) }
}

/**
 * Why this process cannot continue a goal: a tool of a program that it lacks or has with other parameters. Empty: it
 * can.
 */
export function missingCode({ name, bound = {} }: AgentDefinition, toolbox: Toolbox): string {
  for (const [tool, hash] of Object.entries(bound)) {
    const [found] = toolsNamed(tool, toolbox)
    if (found?.name !== tool) return `This process does not have the tool ${tool} of the agent ${name}.`
    if (hashOfInput(found) !== hash)
      return `The tool ${tool} of the agent ${name} has other parameters here than when the goal began.`
  }
  return ''
}
