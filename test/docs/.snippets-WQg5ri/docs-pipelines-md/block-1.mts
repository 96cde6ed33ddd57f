// tools/shout.mts, named in antiphon.yaml under `plugins: [tools/shout.mts]`
import { defineTool } from 'antiphon'
import { z } from 'zod'

export default defineTool({
  name: 'shout',
  description: 'Returns text in capitals.',
  effect: 'pure',
  input: z.strictObject({ text: z.string() }),
  execute: ({ text }) => ({ text: text.toUpperCase() }),
})
