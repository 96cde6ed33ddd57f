import { z } from 'zod'
import { createUnavailableTool, type UnavailableTool } from '../unavailable.ts'

/** The operations of an unavailable tool, and what they need to work. */
type UnavailableOperations = { readonly missing: string; readonly operations: Operations }

/** By operation: description, required parameters, optional parameters. */
type Operations = {
  readonly [operation: string]: readonly [description: string, needs: z.ZodRawShape, may?: z.ZodRawShape]
}

const text = z.string()
const number = z.number()

const IMAGE = {
  size: text.optional(),
  style: text.optional(),
  num_images: number.optional(),
  output_format: text.optional(),
  output_path: text.optional(),
  filename: text.optional(),
  model: text.optional(),
}
/** Tools for images. */
const MEDIA_TOOLS: { readonly [tool: string]: UnavailableOperations } = {
  'image-generation': {
    missing: 'a model that generates images',
    operations: {
      execute: ['Generates images', { prompt: text }, IMAGE],
      generate: ['Generates images', { prompt: text }, IMAGE],
    },
  },
}

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
