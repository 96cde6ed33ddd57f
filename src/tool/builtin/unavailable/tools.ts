import { z } from 'zod'
import { createUnavailableTool, type UnavailableTool } from '../../unavailable.ts'
import { MEDIA_TOOLS } from './media.ts'
import { text, type UnavailableOperations } from './operations.ts'

const RESOURCE_TOOLS: { readonly [tool: string]: UnavailableOperations } = {
  'mcp-resource': {
    missing: 'a service that watches for changes',
    operations: {
      subscribe: ['Follows a resource', { server_name: text, uri: text }],
      unsubscribe: ['Follows it no longer', { server_name: text, uri: text }],
    },
  },
}

/** Tools that this version knows by name and parameters but cannot run. */
export const unavailableTools: readonly UnavailableTool[] = Object.entries({
  ...RESOURCE_TOOLS,
  ...MEDIA_TOOLS,
}).flatMap(([tool, later]) => toolsOf(tool, later))

function toolsOf(tool: string, { missing, operations }: UnavailableOperations): readonly UnavailableTool[] {
  return Object.entries(operations).map(([operation, [description, needs, may = {}]]) =>
    createUnavailableTool(`${tool}:${operation}`, description, missing, z.object({ ...needs, ...may })),
  )
}
