import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const order = defineWorkflow({
  name: 'order',
  input: z.object({ id: z.string(), cents: z.number().int() }),
  async run(ctx, { id, cents }) {
    const receipt = await ctx.step('charge', () => {
      console.log(`charged ${cents} cents for order ${id}`)
      return `receipt-${id}`
    })
    await ctx.sleep('5s')
    const answer = await ctx.approve('release', { title: `Ship order ${id}?` })
    if (answer.action === 'reject') return { receipt, shipped: false }
    await ctx.step('ship', () => console.log(`shipped order ${id}`))
    return { receipt, shipped: true }
  },
})

await using app = await start({ workflows: [order] })
const run = await app.start(order, { id: '7', cents: 4200 }, { id: 'order-7' })
console.log(await run.result())
