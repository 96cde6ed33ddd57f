import type { Config } from '../config.ts'
import { askingTools, modelTools } from '../pipeline/asking/tools.ts'
import { laterTools } from '../tool/builtin/later.ts'
import { builtinTools } from '../tool/builtin/tools.ts'
import { loadPlugins } from '../tool/plugins.ts'
import type { Tool } from '../tool/tool.ts'
import { createToolbox, type Toolbox } from '../tool/toolbox.ts'

/** The tools of this version that do something. */
export const ourTools: readonly Tool[] = [...builtinTools, ...askingTools, ...modelTools]

/** All tools of a configuration: ours, those of its plugins, and those that come later where no plugin stands in for them. */
export async function loadToolbox({ plugins, folder }: Pick<Config, 'plugins' | 'folder'>): Promise<Toolbox> {
  const own = await loadPlugins(plugins, folder, ourTools)
  const taken = new Set(own.map(ownerOf))
  return createToolbox([...ourTools, ...own, ...laterTools.filter((tool) => !taken.has(ownerOf(tool)))])
}

function ownerOf({ name }: Tool): string {
  return name.split(':', 1)[0]!
}
