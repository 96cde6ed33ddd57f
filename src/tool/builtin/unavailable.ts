import { z } from 'zod'
import { createUnavailableTool, type UnavailableTool } from '../unavailable.ts'

/** The operations of an unavailable tool, and what they need to work. */
type UnavailableOperations = { readonly missing: string; readonly operations: Operations }

/** By operation: description, parameters. */
type Operations = {
  readonly [operation: string]: readonly [description: string, needs: z.ZodRawShape]
}

const text = z.string()
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
export const unavailableTools: readonly UnavailableTool[] = Object.entries(RESOURCE_TOOLS).flatMap(([tool, later]) =>
  toolsOf(tool, later),
)

function toolsOf(tool: string, { missing, operations }: UnavailableOperations): readonly UnavailableTool[] {
  return Object.entries(operations).map(([operation, [description, needs]]) =>
    createUnavailableTool(`${tool}:${operation}`, description, missing, z.object(needs)),
  )
}
