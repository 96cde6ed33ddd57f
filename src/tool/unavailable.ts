import type { z } from 'zod'
import { TerminalError } from '../errors.ts'
import { defineTool, type Tool } from './tool.ts'

/** A tool of the language that is known by its parameters and cannot be run yet; `missing` is what it needs. */
export type LaterTool = Tool & { readonly missing: string }

/** Whether a tool is one of those; a plugin of the same name takes its place. */
export function isLater(tool: Tool): tool is LaterTool {
  return 'missing' in tool && typeof tool.missing === 'string'
}

/** Such a tool: pipelines with it compile, and its step fails with code `tool_unavailable`. */
export function laterTool(name: string, description: string, missing: string, input: z.ZodObject): LaterTool {
  const [owner] = name.split(':')
  const hint = `A plugin of yours can take its place: antiphon tools new ${owner}.`
  const execute = () => {
    throw new TerminalError(`The tool ${name} cannot be run by this version: it needs ${missing}. ${hint}`, {
      code: 'tool_unavailable',
    })
  }
  return { ...defineTool({ name, description, input, effect: 'idempotent', execute }), missing }
}
