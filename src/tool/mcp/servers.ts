import { InvalidError } from '../../errors.ts'
import { nearestWord } from '../../lib/suggest.ts'
import { noServer } from './failure.ts'
import { grantName } from './oauth/grant.ts'
import { pinsDifference } from './pins.ts'
import type { McpServer, McpServers } from './port.ts'
import { createMcpServer, type ServerParts } from './server.ts'
import { type McpSettings, targetText } from './settings.ts'

export function createMcpServers(settings: McpSettings, parts: ServerParts): McpServers {
  const { lock, trust, grants } = parts
  const servers = new Map(Object.entries(settings).map(([name, one]) => [name, createMcpServer(name, one, parts)]))

  function find(name: string): McpServer {
    const server = servers.get(name)
    if (server) return server
    const near = nearestWord(name, [...servers.keys()])
    const where = 'name it in antiphon.yaml: mcpServers; to list them: antiphon mcp list'
    throw noServer(name, near === undefined ? where : `Did you mean ${near}?`)
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
    async login(name, options) {
      const { settings: server } = find(name)
      if (server.type !== 'http')
        throw new InvalidError(`Expected a server with a \`url\`, and ${name} has a \`command\`.`, {
          hint: 'A program gets its keys by `env: { NAME: secret://NAME }`.',
        })
      if (!grants) throw new InvalidError('There is no data folder here that could keep the tokens.')
      const { loginTo } = await import('./oauth/login.ts')
      await loginTo(name, server, { ...parts, grants }, options)
    },
    // also for a server that the configuration names no longer
    logout: async (name) => (await grants?.keep(grantName(name), undefined)) ?? false,
    async close() {
      await Promise.all([...servers.values()].map((server) => server.close()))
    },
  }
}
