import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const order = defineWorkflow({
  name: 'order',
  input: z.object({ id: z.string(), cents: z.number().int() }),
  async run(ctx, { id, cents }) {
    const receipt = await ctx.step('charge', (call) => charge(id, cents, call.idempotencyKey))
    const answer = await ctx.approve('ship', { title: `Ship order ${id}?`, timeout: '3d' })
    if (answer.action === 'reject') throw new Error(answer.reason ?? 'It was rejected.')
    await ctx.sleep('1s')
    return { receipt }
  },
})

/** Simulates a payment provider that recognises the key of an earlier charge. */
const charge = async (id: string, cents: number, key: string) => `charged ${cents} for ${id}, with a key: ${key !== ''}`

await using app = await start({ workflows: [order] })
const run = await app.start(order, { id: '7', cents: 4200 }, { id: 'order-7' })
await run.signal('ship', 'approve')                     // from anywhere: antiphon signal order-7 ship approve
console.log(await run.result())
