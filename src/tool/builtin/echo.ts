import { z } from 'zod'
import { defineTool, type Tool } from '../tool.ts'
import { anyJson } from './any-json.ts'

/** `action: echo …`: returns the text after the first word. */
const echoTool = defineTool({
  name: 'echo',
  description: 'Returns the text after the first word of a line such as `echo ready`',
  input: z.object({ action: z.string().max(1_000_000) }),
  output: z.string(),
  effect: 'pure',
  execute: ({ action }) => action.trimStart().replace(/^\S+\s*/, ''),
})

/** Returns its message unchanged, to inspect values of a pipeline. */
const debugTool = defineTool({
  name: 'debug',
  description: 'Returns its message unchanged',
  input: z.object({ message: anyJson }),
  output: anyJson,
  effect: 'pure',
  execute: ({ message }) => message,
})

export const echoTools: readonly Tool[] = [echoTool, debugTool]
