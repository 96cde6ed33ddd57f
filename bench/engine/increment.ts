import { z } from 'zod'
import { defineTool } from '../../src/tool/tool.ts'

/** The tool of the pipelines here: next to no work. */
export default defineTool({
  name: 'increment',
  description: 'Adds one.',
  effect: 'idempotent',
  input: z.strictObject({ value: z.number() }),
  execute: ({ value }) => ({ value: value + 1 }),
})
