// tools/shout.mts
import { defineTool } from 'antiphon'
import { z } from 'zod'

export default defineTool({
  name: 'shout',
  description: 'Returns text in capitals, with an exclamation mark',
  effect: 'pure',
  input: z.object({ text: z.string() }),
  output: z.object({ said: z.string() }),
  execute({ text }) {
    return { said: `${text.toUpperCase()}!` }
  },
})
