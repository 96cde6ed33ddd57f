// order.mts
import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const order = defineWorkflow({
  name: 'order',
  input: z.object({ id: z.string(), cents: z.number().int() }),
  async run(ctx, { id, cents }) {
    const receipt = await ctx.step('charge', () => `charged ${cents} for ${id}`, { effect: 'at-most-once' })
    const answer = await ctx.approve('ship', { title: `Ship order ${id}?`, timeout: '3d' })
    if (answer.action === 'reject') return { receipt, shipped: false }
    await ctx.sleep('1s')
    await ctx.step('ship', (call) => `sent with the key ${call.idempotencyKey}`, { retry: 3 })
    return { receipt, shipped: true }
  },
})

await using app = await start({ workflows: [order] })
const run = await app.start(order, { id: '7', cents: 4200 }, { id: 'order-7' })
await run.signal('ship', 'approve') // from elsewhere: npx antiphon signal order-7 ship approve
console.log(await run.result())
