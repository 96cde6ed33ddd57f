import { InvalidError } from '../errors.ts'
import { ownValue } from '../lib/own.ts'
import { nearestWord } from '../lib/suggest.ts'
import type { Tool } from './tool.ts'

/** The tools of a runtime, by tool and operation. */
export interface Toolbox {
  /**
   * `find('filesystem', 'read')` and `find('filesystem:read')` are the same. Without an operation,
   * returns the only or the default operation; `execute` is an alias for that unless the tool has
   * an operation of this name.
   */
  find(tool: string, operation?: string): Tool | undefined
  /** Whether there is a tool of that name. */
  has(tool: string): boolean
  /** Sorted. Empty for a tool without operations and for an unknown tool. */
  operations(tool: string): readonly string[]
  /** The name under which the tools of an MCP server lie; undefined: no such server has tools here. */
  server(name: string): string | undefined
  /** The MCP server behind a tool whose operations are not known yet: nobody has connected to it. */
  unseenServer(tool: string): string | undefined
  /** Replaces the tools of an MCP server, which were not known until now. */
  learnServer(name: string, tools: readonly Tool[]): void
  /** Tools without their operations, sorted. */
  names(): string[]
  list(): Tool[]
}

/**
 * A tool `NAME:*`, which stands for operations that nobody knows yet. `named` makes one; absent: all are alike.
 * `standsAlone`: it can be called without an operation, too, and `named('')` makes that.
 */
export type OpenTool = Tool & { readonly named?: (operation: string) => Tool; readonly standsAlone?: true }

/** @throws InvalidError if two tools have the same name */
export function createToolbox(tools: readonly Tool[]): Toolbox {
  const byName = new Map<string, Tool>()
  for (const tool of tools) {
    const clash = findClash(tool.name, byName.keys())
    if (clash !== undefined) throw new InvalidError(`There are two tools of the name ${clash}.`)
    byName.set(tool.name, tool)
  }
  let byTool = operationsOf(byName.keys())
  const servers = new Map(tools.flatMap(({ name, server }) => (server === undefined ? [] : [[server, toolOf(name)]])))
  const owners = new Set(servers.values())
  const findOpen = (name: string) => openOperation(byName.get(`${toolOf(name)}${ANY_OPERATION}`), name)
  const operations = (tool: string) => byTool.get(tool) ?? []
  const findMain = (tool: string) =>
    byName.get(tool) ??
    byName.get(`${tool}:${ownValue(DEFAULT_OPERATIONS, tool) ?? 'execute'}`) ??
    onlyOne(operations(tool).map((one) => byName.get(`${tool}:${one}`))) ??
    findOpen(tool)
  return {
    find(tool, operation) {
      if (operation === undefined) return findMain(tool)
      const meant = OPERATION_ALIASES[`${tool}:${operation}`] ?? operation
      return (
        byName.get(`${tool}:${meant}`) ??
        (meant === 'execute' && !owners.has(tool) ? findMain(tool) : findOpen(`${tool}:${meant}`))
      )
    },
    has: (tool) => byTool.has(tool),
    operations,
    server: (name) => servers.get(name),
    unseenServer: (tool) => byName.get(`${tool}${ANY_OPERATION}`)?.server,
    learnServer(name, known) {
      for (const [old, tool] of byName) if (tool.server === name) byName.delete(old)
      for (const tool of known) byName.set(tool.name, tool)
      byTool = operationsOf(byName.keys())
    },
    names: () => [...byTool.keys()].sort(),
    list: () => [...byName.values()],
  }
}

/** The tool that a call names, with its operation after a colon; undefined when there is none. */
export function findCalledTool(toolbox: Pick<Toolbox, 'find'>, name: string): Tool | undefined {
  const colon = name.indexOf(':')
  return colon < 0 ? toolbox.find(name) : toolbox.find(name.slice(0, colon), name.slice(colon + 1))
}

/** The name in `taken` that conflicts with `name`: the same name, or the same tool with and without operations. */
export function findClash(name: string, taken: Iterable<string>): string | undefined {
  const tool = toolOf(name)
  const isClash =
    tool === name
      ? (other: string) => other === name || other.startsWith(`${name}:`)
      : (other: string) => other === name || other === tool
  for (const other of taken) if (isClash(other)) return other
  return undefined
}

/** Names that older pipelines use for an operation. */
const OPERATION_ALIASES: { readonly [name: string]: string | undefined } = {
  'terminal:execute_command': 'execute',
  'user-prompt:prompt': 'execute',
  'approval-gate:request': 'execute',
  'approval-gate:review': 'execute',
  'feedback-collection:collect': 'execute',
  'pipeline-executor:run': 'execute',
}

/** The operation of a tool with several when none is named. */
const DEFAULT_OPERATIONS: { readonly [tool: string]: string | undefined } = {
  'data-processing': 'transform',
  validation: 'validate',
  'report-generator': 'generate',
  'web-search': 'search',
  visualization: 'create_charts',
}

const ANY_OPERATION = ':*'

/** The operation that a name means, of a tool that has it open. */
function openOperation(tool: OpenTool | undefined, name: string): Tool | undefined {
  const operation = name.slice(toolOf(name).length + 1)
  if (!tool || operation === '*' || (operation === '' && !tool.standsAlone)) return undefined
  const made = tool.named?.(operation) ?? { ...tool, name }
  return isBuiltIn(tool) ? markBuiltIn(made) : made
}

const toolOf = (name: string): string => name.split(':', 1)[0]!

function operationsOf(names: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const name of [...names].sort()) {
    const [tool, operation] = name.split(':', 2) as [string, string?]
    found.set(tool, [...(found.get(tool) ?? []), ...(operation === undefined || operation === '*' ? [] : [operation])])
  }
  return found
}

const onlyOne = (tools: readonly (Tool | undefined)[]): Tool | undefined => (tools.length === 1 ? tools[0] : undefined)

/** The hint where no known tool has a name that is near. Commands know the tools of a program by its file. */
export const NO_NEAR_TOOL =
  'A tool of a program needs app: FILE in antiphon.yaml, which names the program. To list all tools: antiphon tools list'

/** The error for the name of a tool at that place of the configuration. */
export function unknownTool(name: string, path: string, file: string | undefined, toolbox: Toolbox): InvalidError {
  const near = nearestWord(name, [...toolbox.names(), ...toolbox.list().map((tool) => tool.name)])
  return new InvalidError(`${path}: there is no tool ${name}.`, {
    code: 'unknown_tool',
    place: { ...(file !== undefined && { file }), path },
    hint: near === undefined ? NO_NEAR_TOOL : `Did you mean ${near}?`,
  })
}

/** Whether a name means a tool with all its operations, or one operation. */
export function isKnownTool(name: string, toolbox: Toolbox): boolean {
  const [tool = '', operation] = name.split(':')
  return operation === undefined ? toolbox.has(tool) : toolbox.find(tool, operation) !== undefined
}

/** The tools that a name stands for. With its operation it is one tool; without it, all operations. */
export function toolsNamed(name: string, toolbox: Toolbox): Tool[] {
  const operations = name.includes(':') ? [] : toolbox.operations(name)
  if (operations.length > 0) return operations.flatMap((operation) => toolbox.find(name, operation) ?? [])
  const colon = name.indexOf(':')
  const found = colon < 0 ? toolbox.find(name) : toolbox.find(name.slice(0, colon), name.slice(colon + 1))
  return found ? [found] : []
}

const BUILT_IN = Symbol('antiphon.built-in')

/** Marks a tool as one that comes with this package. A tool without the mark belongs to the program. */
export const markBuiltIn = (tool: Tool): Tool => Object.assign(tool, { [BUILT_IN]: true })

/** Whether a tool comes with this package. */
export const isBuiltIn = (tool: Tool): boolean => BUILT_IN in tool
