import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const index = defineWorkflow({
  name: 'index',
  input: z.object({ text: z.string() }),
  run: (ctx, { text }) => ctx.step('index', () => console.log(`indexed: ${text}`)),
})

await using app = await start({ workflows: [index] })
const queue = { key: 'document-7', debounce: '1s' } as const
let last
for (const text of ['a', 'a tide', 'a tide rises']) last = await app.start(index, { text }, { queue })
await last?.result()
