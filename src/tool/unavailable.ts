import type { z } from 'zod'
import { TerminalError } from '../errors.ts'
import { defineTool, type Tool } from './tool.ts'

/** A tool that is known by its parameters but cannot run yet; `missing` names its missing requirement. */
export type UnavailableTool = Tool & { readonly missing: string }

/** Whether a tool is unavailable; a plugin of the same name replaces it. */
export function isUnavailable(tool: Tool): tool is UnavailableTool {
  return 'missing' in tool && typeof tool.missing === 'string'
}

/** An unavailable tool: pipelines with it compile, and its step fails. */
export function createUnavailableTool(
  name: string,
  description: string,
  missing: string,
  input: z.ZodObject,
): UnavailableTool {
  const [owner] = name.split(':')
  const hint = `A plugin of yours can take its place: antiphon tools new ${owner}.`
  const execute = () => {
    throw new TerminalError(`The tool ${name} cannot be run by this version: it needs ${missing}. ${hint}`, {
      code: 'tool_unavailable',
    })
  }
  return { ...defineTool({ name, description, input, effect: 'idempotent', execute }), missing }
}
