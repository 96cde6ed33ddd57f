import { z } from 'zod'
import { defineTool, type Tool } from '../tool.ts'
import { anyJson } from './any-json.ts'

/** What a line says behind its first word; such a line is an action of its own in pipelines. */
const echoTool = defineTool({
  name: 'echo',
  description: 'Answers with the text behind the first word of a line such as `echo ready`',
  input: z.object({ action: z.string().max(1_000_000) }),
  output: z.string(),
  effect: 'pure',
  execute: ({ action }) => action.trimStart().replace(/^\S+\s*/, ''),
})

/** The message as it is: what a pipeline had in its hands at that point. */
const debugTool = defineTool({
  name: 'debug',
  description: 'Answers with its message, as it is',
  input: z.object({ message: anyJson }),
  output: anyJson,
  effect: 'pure',
  execute: ({ message }) => message,
})

/** Tools that only say something. */
export const echoTools: readonly Tool[] = [echoTool, debugTool]
