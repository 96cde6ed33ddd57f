import { z } from 'zod'
import { defineTool } from '../../src/tool/tool.ts'

/**
 * Stands in for a model: it asks for a call until there are so many results, and then answers with their number.
 * Like a call of a model it is not pure, so it starts when all before it is on the disk.
 */
export default defineTool({
  name: 'think',
  description: 'Decides what comes next.',
  effect: 'idempotent',
  input: z.strictObject({ results: z.number(), rounds: z.number() }),
  execute: ({ results, rounds }) => ({ value: results, isOver: results >= rounds }),
})
