import { z } from 'zod'
import { defineTool } from '../../src/tool/tool.ts'

/** The pure tool of the agents here. */
export default defineTool({
  name: 'add-one',
  description: 'Adds one.',
  effect: 'pure',
  input: z.strictObject({ value: z.number() }),
  execute: ({ value }) => ({ value: value + 1 }),
})
