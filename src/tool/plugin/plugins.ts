import { resolve } from 'node:path'
import { builtinTools } from '../builtin/tools.ts'
import type { Tool } from '../tool.ts'
import { findClash } from '../toolbox.ts'
import { guardTool } from './guard.ts'
import { isolateTool } from './isolate.ts'
import { loadModule, type ModuleFile, type ModuleKind, moduleFault } from './load-module.ts'
import { findToolFault } from './tool-fault.ts'

/**
 * The tools of extensions, and of the modules at these paths, relative to `folder`: each exports one
 * tool or a list of them as default. InvalidError, naming the file, for one that is
 * missing, fails to load, exports something else, or claims a name that is taken.
 */
export async function loadPlugins(
  paths: readonly string[],
  folder: string,
  ours: readonly Tool[] = builtinTools,
  extensions: readonly ExtensionTools[] = [],
): Promise<Tool[]> {
  const owners = new Map(ours.map((tool) => [tool.name, 'antiphon itself']))
  const tools: Tool[] = []
  for (const { module, extension } of extensions) {
    const plugin = { path: extension.name, file: module }
    for (const [place, value] of (extension.tools ?? []).entries()) {
      const tool = checkTool(value, plugin, `tools[${place}]`)
      if (tool.isolation !== undefined)
        throw moduleFault(PLUGIN, plugin, `only a tool of a plugin can have a process of its own: ${tool.name}`)
      claim(owners, tool.name, plugin)
      tools.push(guardTool(tool))
    }
  }
  for (const path of paths) {
    const plugin = { path, file: resolve(folder, path) }
    const { default: exported } = await loadModule(plugin, PLUGIN)
    for (const tool of toolsOf(exported, plugin)) {
      claim(owners, tool.name, plugin)
      tools.push(tool.isolation === 'process' ? isolateTool(tool, plugin.file) : guardTool(tool))
    }
  }
  return tools
}

/** An extension that was loaded, as far as it has tools. */
type ExtensionTools = {
  readonly module: string
  readonly extension: { readonly name: string; readonly tools?: readonly unknown[] }
}

const PLUGIN: ModuleKind = {
  name: 'plugin',
  hint: 'Expected a module whose default export is a tool made by defineTool, or a list of such tools.',
}

function toolsOf(exported: unknown, plugin: ModuleFile): readonly Tool[] {
  if (exported === undefined) throw moduleFault(PLUGIN, plugin, 'it has no default export', PLUGIN.hint)
  const tools: readonly unknown[] = Array.isArray(exported) ? exported : [exported]
  if (tools.length === 0) throw moduleFault(PLUGIN, plugin, 'its default export is an empty list', PLUGIN.hint)
  return tools.map((tool, index) => checkTool(tool, plugin, Array.isArray(exported) ? `default[${index}]` : 'default'))
}

function checkTool(value: unknown, plugin: ModuleFile, path: string): Tool {
  const tool = value as Tool
  const fault = faultOfTool(tool)
  if (fault !== undefined) throw moduleFault(PLUGIN, plugin, `${path}: ${fault}`, PLUGIN.hint)
  return tool
}

/** Why a value of JavaScript is not a tool; undefined: it is one. */
export const faultOfTool = (tool: Tool): string | undefined => findToolFault(tool)?.message

function claim(owners: Map<string, string>, name: string, plugin: ModuleFile): void {
  const clash = findClash(name, owners.keys())
  if (clash !== undefined)
    throw moduleFault(
      PLUGIN,
      plugin,
      `the tool name ${name} clashes with ${clash} of ${owners.get(clash)}`,
      'Give it another name.',
    )
  owners.set(name, plugin.path)
}
