import { nearestWord } from '../../lib/suggest.ts'
import { noServer } from './failure.ts'
import { pinsDifference, type ServerPins } from './pins.ts'
import { createMcpServer, type McpServer, type ServerParts } from './server.ts'
import { type McpServerSettings, targetText } from './settings.ts'
import type { TrustState } from './trust.ts'

/** The MCP servers of a runtime. None starts before something is asked of it. */
export interface McpServers {
  /** NotFoundError, with what to write, for a name that no configuration has. */
  find(name: string): McpServer
  /** All servers, without starting one. */
  list(): Promise<readonly McpServerState[]>
  /** Connects to a server, pins its tools as they are now, and records that a person trusts it. */
  trust(name: string, signal: AbortSignal): Promise<TrustedServer>
  /** Ends all servers. */
  close(): Promise<void>
}

/** A server as it stands in the files. `tools`: pinned ones; absent: none are pinned yet. */
export type McpServerState = {
  readonly name: string
  readonly from: McpServerSettings['from']
  readonly type: McpServerSettings['type']
  /** its command line or URL */
  readonly target: string
  readonly trust: TrustState
  readonly tools?: number
}

/** The pins of a server, and how they differ from those before; `difference` is absent where there were none. */
export type TrustedServer = { readonly pins: ServerPins; readonly difference?: readonly string[] }

export type McpSettings = { readonly [name: string]: McpServerSettings }

export function createMcpServers(settings: McpSettings, parts: ServerParts): McpServers {
  const { lock, trust } = parts
  const servers = new Map(Object.entries(settings).map(([name, one]) => [name, createMcpServer(name, one, parts)]))

  function find(name: string): McpServer {
    const server = servers.get(name)
    if (server) return server
    const near = nearestWord(name, [...servers.keys()])
    const where = 'name it in antiphon.yaml: mcpServers; to list them: antiphon mcp list'
    throw noServer(name, near === undefined ? where : `did you mean ${near}?`)
  }

  return {
    find,
    async list() {
      return Promise.all(
        [...servers.values()].map(async ({ name, settings: one }) => {
          const pins = await lock.pins(name)
          const state = await trust.stateOf(name, one, pins)
          const { from, type } = one
          const tools = pins && Object.keys(pins).length
          return { name, from, type, target: targetText(one), trust: state, ...(tools !== undefined && { tools }) }
        }),
      )
    },
    async trust(name, signal) {
      const server = find(name)
      const pins = await server.offered(signal)
      const before = await lock.pins(name)
      await lock.write(name, pins)
      if (server.settings.from !== 'antiphon.yaml') await trust.record(name, server.settings, pins)
      return { pins, ...(before && { difference: pinsDifference(before, pins) }) }
    },
    async close() {
      await Promise.all([...servers.values()].map((server) => server.close()))
    },
  }
}
