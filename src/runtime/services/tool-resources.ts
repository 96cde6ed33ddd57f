import type { Config } from '../../config/config.ts'
import { InvalidError } from '../../errors.ts'
import { isCallbackTool } from '../../step/messages/callback.ts'
import type { Tool } from '../../tool/tool.ts'
import { isKnownTool, type Toolbox, unknownTool } from '../../tool/toolbox.ts'
import { serverName } from '../../work/tools/server-name.ts'
import { renameUnits } from '../../worker/call-resources.ts'

/**
 * The shared resources, with names of MCP servers and their tools as the toolbox writes them.
 * @throws InvalidError for a name that limits no call
 */
export function resourcesWithTools({ resources, file }: Config, toolbox: Toolbox): Config['resources'] {
  if (!resources) return undefined
  const entries = Object.entries(resources).map(([name, { tools, ...resource }]) => {
    if (!tools) return [name, resource] as const
    const read = (tool: string, key: string | number) =>
      toolName(tool, `resources.${name}.tools${typeof key === 'number' ? `[${key}]` : `.${key}`}`, file, toolbox)
    return [name, { ...resource, tools: renameUnits(tools, read) }] as const
  })
  return Object.fromEntries(entries)
}

function toolName(written: string, path: string, file: string | undefined, toolbox: Toolbox): string {
  const place = { ...(file !== undefined && { file }), path }
  const server = serverName(written, toolbox)
  if (server && 'fault' in server) throw new InvalidError(`${path}: ${server.fault}`, { place, hint: server.hint })
  const name = server?.name ?? written
  const meant = toolsOf(name, toolbox)
  if (meant.length === 0 && !isKnownTool(name, toolbox)) throw unknownTool(written, path, file, toolbox)
  if (meant.length > 0 && meant.every(isCallbackTool))
    throw new InvalidError(`${path}: calls of ${written} use no resource.`, {
      place,
      hint: 'A person, a model or an actor does its work. A model is named under `models:`.',
    })
  return name
}

/** The tools that a name or a `prefix*` means. */
function toolsOf(name: string, { list }: Toolbox): readonly Tool[] {
  const [prefix, isPattern] = name.endsWith('*') ? [name.slice(0, -1), true] : [name, false]
  return list().filter((tool) =>
    isPattern ? tool.name.startsWith(prefix) : tool.name === name || tool.name.split(':', 1)[0] === name,
  )
}
