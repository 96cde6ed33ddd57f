import { z } from 'zod'
import { TerminalError } from '../../errors.ts'
import { defineTool, type UnavailableTool } from '../tool.ts'

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
    unavailableTool(`${tool}:${operation}`, description, missing, z.object(needs)),
  )
}

/** Pipelines with an unavailable tool compile, and its step fails. */
function unavailableTool(name: string, description: string, missing: string, input: z.ZodObject): UnavailableTool {
  const [owner] = name.split(':')
  const hint = `A plugin of yours can take its place: antiphon tools new ${owner}.`
  const execute = () => {
    throw new TerminalError(`The tool ${name} cannot be run by this version: it needs ${missing}. ${hint}`, {
      code: 'tool_unavailable',
    })
  }
  return { ...defineTool({ name, description, input, effect: 'idempotent', execute }), missing }
}
