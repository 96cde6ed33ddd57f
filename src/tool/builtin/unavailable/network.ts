import { flag, map, number, text, type UnavailableOperations } from './operations.ts'

const PAGE = {
  url: text.optional(),
  query: text.optional(),
  selector: text.optional(),
  timeout: number.optional(),
  extract_main_content: flag.optional(),
  include_metadata: flag.optional(),
  max_results: number.optional(),
  output_path: text.optional(),
}
const SERVER = { server_config: map.optional() }

const browse = (description: string) => [description, {}, PAGE] as const

/** Tools that need the network, a browser or an external server. */
export const NETWORK_TOOLS: { readonly [tool: string]: UnavailableOperations } = {
  'headless-browser': {
    missing: 'a browser',
    operations: {
      screenshot: browse('Takes a picture of a page'),
    },
  },
  'mcp-server': {
    missing: 'a client of the Model Context Protocol',
    operations: {
      connect: ['Connects to a server', { server_name: text }, SERVER],
      list_tools: ['Lists the tools of a server', { server_name: text }, SERVER],
      execute_tool: [
        'Calls a tool of a server',
        { server_name: text, tool_name: text },
        { ...SERVER, tool_params: map.optional() },
      ],
      disconnect: ['Leaves a server', { server_name: text }, SERVER],
    },
  },
  'mcp-resource': {
    missing: 'a client of the Model Context Protocol',
    operations: {
      list: ['Lists the resources of a server', { server_name: text }],
      read: ['Reads a resource', { server_name: text, uri: text }],
      subscribe: ['Follows a resource', { server_name: text, uri: text }],
      unsubscribe: ['Follows it no longer', { server_name: text, uri: text }],
    },
  },
}
