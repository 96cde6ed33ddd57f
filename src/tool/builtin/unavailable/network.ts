import { flag, number, text, type UnavailableOperations } from './operations.ts'

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

const browse = (description: string) => [description, {}, PAGE] as const

/** Operations that need a browser, or somebody who hears of changes. */
export const NETWORK_TOOLS: { readonly [tool: string]: UnavailableOperations } = {
  'headless-browser': {
    missing: 'a browser',
    operations: {
      screenshot: browse('Takes a picture of a page'),
    },
  },
  'mcp-resource': {
    missing: 'somebody who hears of changes',
    operations: {
      subscribe: ['Follows a resource', { server_name: text, uri: text }],
      unsubscribe: ['Follows it no longer', { server_name: text, uri: text }],
    },
  },
}
