// tools/count.mts
import { defineTool } from 'antiphon'
import { z } from 'zod'

export default defineTool({
  name: 'count',
  description: 'Counts words',
  effect: 'pure',
  isolation: 'process', // its code runs in a process of its own, which loads this file
  memory: 256, // megabytes of heap; absent: Node's default
  timeout: 30, // seconds
  input: z.object({ text: z.string() }),
  execute: ({ text }) => ({ words: text.split(/\s+/).length }),
})
