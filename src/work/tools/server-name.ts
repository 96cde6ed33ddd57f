import type { Toolbox } from '../../tool/toolbox.ts'
import { toolsOfName } from './tool-names.ts'

/**
 * A name that means a server, or one of its tools, as the toolbox writes it; or the reason why it means nothing: no
 * server has it, or it means several things.
 */
type ServerName =
  | { readonly name: string }
  | { readonly fault: string; readonly hint: string; readonly because: 'no server' | 'several' }

/**
 * Reads a name that may mean a server: `mcp__SERVER`, `mcp__SERVER__TOOL`, `SERVER/TOOL`, `SERVER/*` and `SERVER`.
 * Undefined: it means something else. `mcp__…` and `SERVER/TOOL` mean a server or nothing, and a name that means a
 * server and another tool alike is a fault. `brought`: further servers, which the file of an agent brings.
 */
export function serverName(name: string, toolbox: Toolbox, brought: readonly string[] = []): ServerName | undefined {
  const ownerOf = (server: string) =>
    toolbox.server(server) ?? (brought.includes(server) ? (toolbox.has(server) ? `mcp__${server}` : server) : undefined)
  if (name.startsWith('mcp__')) return prefixed(name, ownerOf)
  const [, server = name, tool] = /^([^/:]+)\/(.+)$/.exec(name) ?? []
  const owner = ownerOf(server)
  if (tool === undefined) return owner === undefined ? undefined : alone(name, owner, toolbox)
  if (owner !== undefined) return { name: named(owner, tool) }
  if (toolsOfName(name)) return undefined
  const operation = toolbox.find(server, tool)
  const hint = operation ? `The tool of antiphon is \`${operation.name}\`.` : NO_SERVER
  return { fault: `there is no server \`${server}\``, hint, because: 'no server' }
}

const NO_SERVER = 'To list the servers: antiphon mcp list'

type OwnerOf = (server: string) => string | undefined

/** A server may have `__` in its name, too: each place where the name may end is tried. */
function prefixed(name: string, ownerOf: OwnerOf): ServerName {
  const [whole = '', operation] = name.slice('mcp__'.length).split(':', 2)
  const ends = [...whole.matchAll(/__/g)].map(({ index }) => index).filter((index) => index > 0)
  const readings = operation === undefined ? [...ends, whole.length] : [whole.length]
  const found = readings.flatMap((end) => {
    const owner = ownerOf(whole.slice(0, end))
    return owner === undefined ? [] : [named(owner, operation ?? (whole.slice(end + 2) || '*'))]
  })
  const [one, other] = found
  if (one === undefined)
    return { fault: `there is no server \`${whole.slice(0, readings[0])}\``, hint: NO_SERVER, because: 'no server' }
  if (other === undefined) return { name: one }
  const hint = `Write \`${one}\` or \`${other}\`.`
  return { fault: `\`${name}\` may mean ${found.join(' or ')}`, hint, because: 'several' }
}

const named = (owner: string, tool: string) => (tool === '*' ? owner : `${owner}:${tool}`)

/** A name without a mark of servers: it must not mean a tool of ours, or of another product, besides. */
function alone(name: string, owner: string, toolbox: Toolbox): ServerName {
  const others = owner === name ? (toolsOfName(name) ?? []) : waysOf(name, toolbox)
  if (owner === name && toolsOfName(name) === undefined) return { name }
  const instead = others.length > 0 ? `, and for the tool ${others.map((one) => `\`${one}\``).join(', ')}` : ''
  return {
    fault: `\`${name}\` means a server and another tool`,
    hint: `Write \`mcp__${name}\` for the server${instead}.`,
    because: 'several',
  }
}

/** Other ways to write a tool of ours. */
function waysOf(name: string, toolbox: Toolbox): readonly string[] {
  const operations = toolbox.operations(name)
  return operations.length > 0 ? operations.map((one) => `${name}:${one}`) : [`${name}:execute`]
}
