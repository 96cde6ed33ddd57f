import { z } from 'zod'
import { defineTool } from '../../src/tool/tool.ts'

/** A tool whose schema tells which parameters it has. */
export const readTool = defineTool({
  name: 'filesystem:read',
  description: 'reads',
  input: z.object({ path: z.string(), encoding: z.string().optional() }),
  effect: 'pure',
  execute: ({ path }) => ({ action: 'read', path, content: 'hi\n', size: 3 }),
})
