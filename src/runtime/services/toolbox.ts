import type { Config } from '../../config/config.ts'
import { callbackTools, modelTools } from '../../pipeline/tools/callback-tools.ts'
import { roomTools } from '../../rooms/rooms.ts'
import { builtinTools } from '../../tool/builtin/tools.ts'
import { loadPlugins } from '../../tool/plugin/plugins.ts'
import { withCheckedResults } from '../../tool/plugin/result.ts'
import { codeTools } from '../../tool/plugin/tools-in-code.ts'
import type { Tool } from '../../tool/tool.ts'
import { createToolbox, markBuiltIn, type Toolbox } from '../../tool/toolbox.ts'

export const ourTools: readonly Tool[] = [...builtinTools, ...callbackTools, ...roomTools, ...modelTools]

type ToolConfig = Pick<Config, 'plugins' | 'use' | 'folder' | 'mcpServers'>

/**
 * Loads all tools: built-in tools, tools of extensions and plugins, and tools of MCP servers by their pins. Starts no
 * server.
 * `program`: tools of the program that opens the runtime.
 */
export async function loadToolbox(
  { plugins, use = [], folder, mcpServers }: ToolConfig,
  program: readonly Tool[] = [],
): Promise<Toolbox> {
  const extensions =
    use.length === 0 ? [] : await (await import('../../extension/extensions.ts')).useExtensions(use, folder)
  const loaded = await loadPlugins(plugins, folder, ourTools, extensions)
  const own = [...loaded, ...codeTools(program, [...ourTools, ...loaded])]
  if (!mcpServers) return createToolbox(allTools(own))
  const [{ mcpTools }, { lockFileIn }] = await Promise.all([
    import('../../tool/mcp/tools.ts'),
    import('../../tool/mcp/lock-file.ts'),
  ])
  const taken = [...ourTools, ...own]
  return createToolbox(allTools([...own, ...mcpTools(mcpServers, await lockFileIn(folder).read(), taken)]))
}

/** The toolbox with other tools in the places of some. The tools of a server that connects later are replaced, too. */
export function replacedTools(toolbox: Toolbox, replace?: (tools: readonly Tool[]) => readonly Tool[]): Toolbox {
  if (!replace) return toolbox
  const replaced = createToolbox(replace(toolbox.list()))
  return { ...replaced, learnServer: (name, tools) => replaced.learnServer(name, replace(tools)) }
}

/** Built-in tools, and those of plugins. */
export const allTools = (own: readonly Tool[]): readonly Tool[] => [...checkedTools(), ...own]

let checked: readonly Tool[] | undefined
const checkedTools = () => (checked ??= ourTools.map((tool) => markBuiltIn(withCheckedResults(tool))))

/** Whether a tool comes with this package. */
export const isOurs = ({ name }: Tool): boolean => ourNames.has(name)
const ourNames = new Set(ourTools.map(({ name }) => name))
