import { InvalidError } from '../errors.ts'
import type { Sandboxes } from '../sandbox/choose.ts'
import type { Web } from '../web/request.ts'
import type { SearchSettings } from '../web/search/search.ts'
import type { McpServers } from './mcp/port.ts'
import type { ToolContext } from './tool.ts'

/** Services that the tools of a runtime share. Each is opened on first use. */
export interface ToolServices {
  /** the network, as far as `web:` in antiphon.yaml opens it */
  web(): Promise<Web>
  /** sandboxes for foreign code, as `sandbox:` in antiphon.yaml configures them */
  sandboxes(): Promise<Sandboxes>
  /** the servers that `mcpServers:` in antiphon.yaml and .mcp.json name */
  mcp(): Promise<McpServers>
  /** the search service that `search:` in antiphon.yaml names */
  readonly search?: SearchSettings
}

/** The services of a call; InvalidError if the caller of the tool passes none. */
export function servicesOf({ services }: Pick<ToolContext, 'services'>): ToolServices {
  if (services) return services
  throw new InvalidError('this tool needs the services of a runtime: give `services` in its context')
}
