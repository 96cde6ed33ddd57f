import type { Config } from '../../config/config.ts'
import { InvalidError } from '../../errors.ts'
import { callbackTools, modelTools } from '../../pipeline/tools/callback-tools.ts'
import { roomTools } from '../../rooms/rooms.ts'
import { faultOfCondition } from '../../tool/agents/approval-condition.ts'
import { markBuiltIn } from '../../tool/agents/program-tools.ts'
import { builtinTools } from '../../tool/builtin/tools.ts'
import { unavailableTools } from '../../tool/builtin/unavailable.ts'
import { loadPlugins } from '../../tool/plugin/plugins.ts'
import { withCheckedResults } from '../../tool/plugin/result.ts'
import { codeTools } from '../../tool/plugin/tools-in-code.ts'
import type { Tool } from '../../tool/tool.ts'
import { type ApprovalRule, toolOfRule } from '../../tool/tool-request.ts'
import { createToolbox, isKnownTool, type Toolbox, unknownTool } from '../../tool/toolbox.ts'

/** The built-in tools that are available in this version. */
export const ourTools: readonly Tool[] = [...builtinTools, ...callbackTools, ...roomTools, ...modelTools]

type ToolConfig = Pick<Config, 'plugins' | 'folder' | 'mcpServers'>

/**
 * Loads all tools: built-in tools, tools of plugins, tools of MCP servers by their pins, and unavailable tools that no
 * plugin replaces. Starts no server.
 * `program`: tools of the program that opens the runtime.
 */
export async function loadToolbox(
  { plugins, folder, mcpServers }: ToolConfig,
  program: readonly Tool[] = [],
): Promise<Toolbox> {
  const loaded = await loadPlugins(plugins, folder, ourTools)
  const own = [...loaded, ...codeTools(program, [...ourTools, ...loaded])]
  if (!mcpServers) return createToolbox(allTools(own))
  const [{ mcpTools }, { lockFileIn }] = await Promise.all([
    import('../../tool/mcp/tools.ts'),
    import('../../tool/mcp/lock-file.ts'),
  ])
  const taken = [...ourTools, ...unavailableTools, ...own]
  return createToolbox(allTools([...own, ...mcpTools(mcpServers, await lockFileIn(folder).read(), taken)]))
}

/** The toolbox with other tools in the places of some. The tools of a server that connects later are replaced, too. */
export function replacedTools(toolbox: Toolbox, replace?: (tools: readonly Tool[]) => readonly Tool[]): Toolbox {
  if (!replace) return toolbox
  const replaced = createToolbox(replace(toolbox.list()))
  return { ...replaced, learnServer: (name, tools) => replaced.learnServer(name, replace(tools)) }
}

/**
 * InvalidError for a name under `tools: { approve }` that no tool has, since its calls would not wait for a person, and
 * for a condition that cannot be evaluated.
 */
export function checkApprove({ tools, file }: Pick<Config, 'tools' | 'file'>, toolbox: Toolbox): void {
  if (!Array.isArray(tools?.approve)) return
  const names = tools.approve.map(toolOfRule)
  for (const [index, name] of names.entries()) {
    checkCondition(tools.approve[index]!, `tools.approve[${index}].when`, file)
    const owner = toolbox.server(name)
    if (owner !== undefined && owner !== name && !names.includes(owner))
      throw new InvalidError(`tools.approve[${index}]: ${name} is a tool of antiphon and an MCP server.`, {
        place: { ...(file !== undefined && { file }), path: `tools.approve[${index}]` },
        hint: `Name the server, too: ${owner}. Or name operations, such as ${name}:${toolbox.operations(name)[0] ?? 'execute'}`,
      })
    if (!isKnownTool(name, toolbox)) throw unknownTool(name, `tools.approve[${index}]`, file, toolbox)
  }
}

function checkCondition(rule: ApprovalRule, path: string, file: string | undefined): void {
  const fault = typeof rule === 'string' ? undefined : faultOfCondition(rule.when)
  if (fault !== undefined)
    throw new InvalidError(`${path}: ${fault}`, {
      place: { ...(file !== undefined && { file }), path },
      hint: 'Write for example { tool: github:delete, when: "{{ input.force }}" }.',
    })
}

/** Plugin tools, built-in tools, and unavailable tools that no plugin replaces. */
export function allTools(own: readonly Tool[]): readonly Tool[] {
  const taken = new Set(own.map(ownerOf))
  const unavailable = unavailableTools.filter((tool) => !taken.has(ownerOf(tool))).map(markBuiltIn)
  return [...checkedTools(), ...own, ...unavailable]
}

let checked: readonly Tool[] | undefined
const checkedTools = () => (checked ??= ourTools.map((tool) => markBuiltIn(withCheckedResults(tool))))

/** Whether a tool comes with this package. */
export const isOurs = ({ name }: Tool): boolean => ourNames.has(name)
const ourNames = new Set([...ourTools, ...unavailableTools].map(({ name }) => name))

function ownerOf({ name }: Tool): string {
  return name.split(':', 1)[0]!
}
