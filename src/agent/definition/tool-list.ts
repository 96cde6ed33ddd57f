import { nearestWord } from '../../lib/suggest.ts'
import { FOREIGN_TOOL_NAMES, STANDARD_TOOLS, serverToolName, toolsOfName } from '../../tool/agents/tool-names.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import { isUnavailable } from '../../tool/unavailable.ts'
import type { AgentDefinition } from './definition.ts'
import { hintFor, type ReportAgentFinding } from './finding.ts'

/** The meaning of names of tools: the toolbox, the servers that the file brings, and where findings go. */
export type ToolNaming = {
  readonly toolbox: Toolbox
  readonly servers: readonly string[]
  readonly report: ReportAgentFinding
}

type NamedTools = { readonly tools: readonly string[]; readonly isRestricted: boolean }

/**
 * The tools that a file gives: those of `tools` without those of `disallowedTools`, which are `denied`. Absent `tools` are the standard tools.
 * A name that has no tool is an error.
 */
export function grantedTools(
  { tools, disallowedTools = [] }: { readonly tools?: readonly string[]; readonly disallowedTools?: readonly string[] },
  approves: (tool: string) => boolean,
  naming: ToolNaming,
): Pick<AgentDefinition, 'tools' | 'denied'> {
  const wanted = tools?.flatMap((name, place) => {
    const path = ['tools', place]
    if (name === '*') return STANDARD_TOOLS
    const [, asked] = /^(?:agent|hand_off):(.+)$/.exec(name) ?? []
    if (asked !== undefined) return refuseAgent(name, asked, path, naming)
    const named = toolsNamed(name, path, naming)
    if (named.isRestricted && named.tools.length > 0) reportRestriction(name, named.tools.every(approves), path, naming)
    return named.tools
  })
  const all = disallowedTools.flatMap((name, place) => deniedTools(name, ['disallowedTools', place], naming))
  const denied = [...new Set(all)]
  const given = [...new Set(wanted ?? STANDARD_TOOLS)].flatMap((tool) => withoutDenied(tool, denied, naming.toolbox))
  return { tools: given, ...(denied.length > 0 && { denied }) }
}

function refuseAgent(
  name: string,
  asked: string,
  path: readonly (string | number)[],
  { report }: ToolNaming,
): readonly string[] {
  const hint = `Write \`agents: [${asked}]\`: that gives agent:${asked} and hand_off:${asked}.`
  report('error', path, `\`${name}\` is not a tool of this list`, { hint })
  return []
}

/** The tools that a list names, as for `approve`. */
export function namedTools(names: readonly string[], key: string, naming: ToolNaming): readonly string[] {
  return [...new Set(names.flatMap((name, place) => toolsNamed(name, [key, place], naming).tools))]
}

function toolsNamed(name: string, path: readonly (string | number)[], naming: ToolNaming): NamedTools {
  const [, base = name, inside] = /^([^()\s]+)\s*\((.*)\)$/s.exec(name) ?? []
  const isRestricted = inside !== undefined && !['', '*', ':*'].includes(inside.trim())
  const known = toolsOfName(base)
  if (known?.length === 0) naming.report('info', path, `the tool \`${name}\` has no counterpart here and is ignored`)
  const own = known ?? ownTool(serverToolName(base), path, naming)
  return { tools: own, isRestricted }
}

function ownTool(
  name: string,
  path: readonly (string | number)[],
  { toolbox, servers, report }: ToolNaming,
): readonly string[] {
  const colon = name.indexOf(':')
  const owner = colon < 0 ? name : name.slice(0, colon)
  if (!toolbox.has(owner) && servers.includes(owner)) return [name]
  const found = colon < 0 ? undefined : toolbox.find(owner, name.slice(colon + 1))
  if (colon < 0 ? !toolbox.has(owner) : !found) {
    const near = nearestWord(name, wordsNear(name, owner, toolbox))
    const hint = hintFor(near, 'To list all tools: antiphon tools list')
    report('error', path, `there is no tool \`${name}\``, { hint })
    return []
  }
  if (found && isUnavailable(found))
    report('warning', path, `the tool \`${name}\` cannot be used yet: it needs ${found.missing}`)
  return [found?.name ?? name]
}

function wordsNear(name: string, owner: string, toolbox: Toolbox): readonly string[] {
  const operations = toolbox.operations(owner).map((operation) => `${owner}:${operation}`)
  if (operations.length > 0) return operations
  return name.includes(':') ? toolbox.list().map((tool) => tool.name) : [...FOREIGN_TOOL_NAMES, ...toolbox.names()]
}

function reportRestriction(
  name: string,
  waits: boolean,
  path: readonly (string | number)[],
  { report }: ToolNaming,
): void {
  if (waits)
    report('warning', path, `\`${name}\` gives the tool as a whole: the part in parentheses has no effect`, {
      hint: 'Calls of it that may do harm wait for a person.',
    })
  else
    report('error', path, `\`${name}\` would give the tool as a whole, and \`approve\` lets its calls be made`, {
      hint: 'Write the name without parentheses, or remove `approve`.',
    })
}

function deniedTools(name: string, path: readonly (string | number)[], naming: ToolNaming): readonly string[] {
  if (name === '*') return naming.toolbox.names()
  const { tools, isRestricted } = toolsNamed(name, path, naming)
  if (isRestricted && tools.length > 0)
    naming.report('info', path, `\`${name}\` denies the tool as a whole: the part in parentheses has no effect`)
  return tools
}

/** A tool without its denied operations. */
function withoutDenied(tool: string, denied: readonly string[], toolbox: Toolbox): readonly string[] {
  const owner = tool.split(':', 1)[0]!
  if (denied.includes(tool) || denied.includes(owner)) return []
  const isNarrowed = tool === owner && denied.some((one) => one.startsWith(`${owner}:`))
  if (!isNarrowed) return [tool]
  const operations = toolbox.operations(owner).map((operation) => `${owner}:${operation}`)
  return operations.filter((operation) => !denied.includes(operation))
}
