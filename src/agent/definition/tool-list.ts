import { nearestWord } from '../../lib/suggest.ts'
import { type ApprovalRule, toolOfRule } from '../../tool/tool-request.ts'
import { NO_NEAR_TOOL, type Toolbox } from '../../tool/toolbox.ts'
import { serverName } from '../../work/tools/server-name.ts'
import { FOREIGN_TOOL_NAMES, LOOKING_TOOLS, STANDARD_TOOLS, toolsOfName } from '../../work/tools/tool-names.ts'
import type { AgentDefinition } from './definition.ts'
import { hintFor, type ReportAgentFinding } from './finding.ts'

/** The meaning of names of tools: the toolbox, the servers that the file brings, and where findings go. */
export type ToolNaming = {
  readonly toolbox: Toolbox
  readonly servers: readonly string[]
  /** why the file counts as one of another product; undefined: it is written for antiphon */
  readonly product: string | undefined
  /** tools that a program gives as values: their names mean nothing else; absent: none */
  readonly own?: readonly string[] | undefined
  readonly report: ReportAgentFinding
}

type NamedTools = { readonly tools: readonly string[]; readonly isRestricted: boolean }

/**
 * The tools that a file gives: those of `tools` without those of `disallowedTools`, which are `denied`. A name that has
 * no tool is an error, and in the file of another product a warning. Without `tools`, an agent can look, and one of
 * another product has the standard tools.
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
  const usual = naming.product === undefined ? LOOKING_TOOLS : STANDARD_TOOLS
  const given = [...new Set(wanted ?? usual)].flatMap((tool) => withoutDenied(tool, denied, naming.toolbox))
  if (!wanted) reportUsual(given, naming)
  else if (wanted.length === 0 && tools!.length > 0 && naming.product !== undefined)
    naming.report('warning', ['tools'], 'no tool of `tools` exists here, so the agent has none')
  return { tools: given, ...(denied.length > 0 && { denied }) }
}

function reportUsual(given: readonly string[], { product, report }: ToolNaming): void {
  const list = given.length === 0 ? 'none' : given.join(', ')
  if (product !== undefined)
    report('info', [], `the file names no \`tools\` and is of another product (${product}), so the agent gets ${list}`)
  else
    report('info', [], `the file names no \`tools\`, so the agent gets only those that look: ${list}`, {
      hint: 'Name the tools that it needs, such as `tools: Read, Edit, Bash`. `tools: []` gives none.',
    })
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

/** The rules of a list, as for `approve`, with our tool names. The key is our own: an unknown name is an error. */
export function namedRules(rules: readonly ApprovalRule[], key: string, naming: ToolNaming): readonly ApprovalRule[] {
  const strict = { ...naming, product: undefined }
  const named = rules.flatMap((rule, place): readonly ApprovalRule[] => {
    const { tools } = toolsNamed(toolOfRule(rule), [key, place], strict)
    return typeof rule === 'string' ? tools : tools.map((tool) => ({ ...rule, tool }))
  })
  return [...new Set(named)]
}

function toolsNamed(name: string, path: readonly (string | number)[], naming: ToolNaming): NamedTools {
  if (naming.own?.includes(name)) return { tools: [name], isRestricted: false }
  const [, base = name, inside] = /^([^()\s]+)\s*\((.*)\)$/s.exec(name) ?? []
  const isRestricted = inside !== undefined && !['', '*', ':*'].includes(inside.trim())
  const ofServer = serverName(base, naming.toolbox, naming.servers)
  if (ofServer && 'fault' in ofServer) {
    const { fault, hint, because } = ofServer
    const server = base.replace(/^mcp__/, '').split(/__|\//, 1)[0]!
    if (because === 'no server')
      reportUnknown(name, { fault, hint, near: nearestWord(server, naming.toolbox.names()) }, path, naming)
    else naming.report('error', path, fault, { hint })
    return { tools: [], isRestricted }
  }
  if (ofServer) return { tools: ownTool(ofServer.name, path, naming, name), isRestricted }
  const known = toolsOfName(base)
  if (known?.length === 0) naming.report('info', path, `the tool \`${name}\` has no counterpart here and is ignored`)
  const own = known ?? ownTool(base, path, naming)
  if (!known && own.length > 0 && naming.product !== undefined && !base.includes(':'))
    naming.report('warning', path, `\`${name}\` gives antiphon's own tool of that name`, { hint: OWN_TOOL })
  return { tools: own, isRestricted }
}

const OWN_TOOL = 'If the file means a server, configure it in antiphon.yaml or .mcp.json.'

/** `written`: the name as the author wrote it. */
function ownTool(
  name: string,
  path: readonly (string | number)[],
  naming: ToolNaming,
  written = name,
): readonly string[] {
  const { toolbox, servers } = naming
  const colon = name.indexOf(':')
  const owner = colon < 0 ? name : name.slice(0, colon)
  if (!toolbox.has(owner) && servers.includes(owner.replace(/^mcp__/, ''))) return [name]
  const found = colon < 0 ? undefined : toolbox.find(owner, name.slice(colon + 1))
  if (colon < 0 ? !toolbox.has(owner) : !found) {
    const near = nearestWord(name, wordsNear(name, owner, toolbox))
    const hint = hintFor(near, NO_NEAR_TOOL)
    reportUnknown(written, { fault: `there is no tool \`${name}\``, hint, near }, path, naming)
    return []
  }
  return [found?.name ?? name]
}

type UnknownName = { readonly fault: string; readonly hint: string | undefined; readonly near: string | undefined }

/** A name that means nothing here. Files of other products name tools that a project may lack. */
function reportUnknown(
  name: string,
  { fault, hint, near }: UnknownName,
  path: readonly (string | number)[],
  { product, report }: ToolNaming,
): void {
  // a misspelt denial would give the tool
  const isUnsafe = path[0] === 'disallowedTools' && near !== undefined
  const named = fault.includes(`\`${name}\``) ? fault : `\`${name}\`: ${fault}`
  if (product === undefined || isUnsafe) report('error', path, fault, { hint })
  else report('warning', path, `${named}, so the agent does not get it`, { hint })
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

function withoutDenied(tool: string, denied: readonly string[], toolbox: Toolbox): readonly string[] {
  const owner = tool.split(':', 1)[0]!
  if (denied.includes(tool) || denied.includes(owner)) return []
  const isNarrowed = tool === owner && denied.some((one) => one.startsWith(`${owner}:`))
  if (!isNarrowed) return [tool]
  const operations = toolbox.operations(owner).map((operation) => `${owner}:${operation}`)
  return operations.filter((operation) => !denied.includes(operation))
}
