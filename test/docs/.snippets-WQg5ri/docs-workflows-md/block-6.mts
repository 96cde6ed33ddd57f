import { defineWorkflow } from 'antiphon'
import { testApp } from 'antiphon/testing'
import { z } from 'zod'

const order = defineWorkflow({
  name: 'order',
  input: z.object({ id: z.string() }),
  async run(ctx, { id }) {
    const receipt = await ctx.step('charge', async () => (await fetch('https://pay.example', { body: id })).text())
    await ctx.sleep('3d')
    const { action } = await ctx.approve('ship', { timeout: '1d' })
    return { receipt, action }
  },
})

await using app = await testApp(
  { workflows: [order] },
  { steps: { charge: () => 'paid' }, signals: { ship: ({ run }) => ({ action: 'reject', reason: run }) } },
)
const run = await app.start(order, { id: '7' }, { id: 'order-7' })
console.log(await run.result(), app.now().getUTCDate())
