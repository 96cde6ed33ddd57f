import { InvalidError } from '../errors.ts'
import type { Tool } from './tool.ts'

/** The tools of one runtime, by tool and operation. */
export interface Toolbox {
  /**
   * `find('filesystem', 'read')` and `find('filesystem:read')`; without an operation a tool that has just one.
   * A tool without operations is also found under `execute`.
   */
  find(tool: string, operation?: string): Tool | undefined
  /** Sorted; none for a tool without operations and for an unknown one. */
  operations(tool: string): string[]
  /** Tools without their operations, sorted. */
  names(): string[]
  list(): Tool[]
}

/** A toolbox of these tools; InvalidError when two claim the same name. */
export function createToolbox(tools: readonly Tool[]): Toolbox {
  const byName = new Map<string, Tool>()
  for (const tool of tools) {
    const clash = clashOf(tool.name, byName.keys())
    if (clash !== undefined) throw new InvalidError(`there are two tools of the name ${clash}`)
    byName.set(tool.name, tool)
  }
  const operations = (tool: string) => operationsOf(byName.keys(), tool)
  return {
    find(tool, operation) {
      if (operation === undefined)
        return byName.get(tool) ?? onlyOne(operations(tool).map((one) => byName.get(`${tool}:${one}`)))
      return byName.get(`${tool}:${ALIASES[`${tool}:${operation}`] ?? operation}`) ?? whole(byName.get(tool), operation)
    },
    operations,
    names: () => [...new Set([...byName.keys()].map(toolOf))].sort(),
    list: () => [...byName.values()],
  }
}

/** The name among `taken` that `name` cannot live beside: itself, or the same tool with operations and without. */
export function clashOf(name: string, taken: Iterable<string>): string | undefined {
  for (const other of taken)
    if (other === name || (toolOf(other) === toolOf(name) && (other === toolOf(name)) !== (name === toolOf(name))))
      return other
  return undefined
}

/** What older pipelines call an operation. */
const ALIASES: { readonly [name: string]: string | undefined } = { 'terminal:execute_command': 'execute' }

function toolOf(name: string): string {
  return name.split(':', 1)[0]!
}

function operationsOf(names: Iterable<string>, tool: string): string[] {
  return [...names]
    .filter((name) => name.startsWith(`${tool}:`))
    .map((name) => name.slice(tool.length + 1))
    .sort()
}

function onlyOne(tools: readonly (Tool | undefined)[]): Tool | undefined {
  return tools.length === 1 ? tools[0] : undefined
}

function whole(tool: Tool | undefined, operation: string): Tool | undefined {
  return operation === 'execute' ? tool : undefined
}
