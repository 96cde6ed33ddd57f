import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const remind = defineWorkflow({
  name: 'remind',
  input: z.object({ order: z.string() }),
  run: (ctx, { order }) => ctx.step('mail', () => console.log(`order ${order} is still open`)),
})

await using app = await start({ workflows: [remind] })
const run = await app.start(remind, { order: '7' }, { id: 'remind-7', delay: '3d' })
console.log((await run.get()).status)
await run.cancel('the order was paid')
console.log((await run.get()).status)
