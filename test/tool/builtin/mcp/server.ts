import { NotFoundError } from '../../../../src/errors.ts'
import type { McpServer, McpServers } from '../../../../src/tool/mcp/port.ts'
import type { ToolServices } from '../../../../src/tool/services.ts'
import { contextAt } from '../../context.ts'

/** The context of a call in a runtime with one MCP server, `tides`, of which a test says what it answers. */
export function contextWith(server: Partial<McpServer>, root = '/') {
  const servers = {
    find(name: string) {
      if (name !== 'tides') throw new NotFoundError(`There is no MCP server ${name}.`, { code: 'unknown_server' })
      return { name, settings: {}, ...server } as McpServer
    },
  } as McpServers
  const services: Partial<ToolServices> = { mcp: async () => servers }
  return contextAt(root, { services: services as ToolServices })
}
