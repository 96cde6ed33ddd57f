import { appendFileSync } from 'node:fs'
import { defineWorkflow } from 'antiphon'
import { z } from 'zod'

// ORDER_WAIT=5 waits five seconds
const WAIT = process.env.ORDER_WAIT ? Number(process.env.ORDER_WAIT) * 1000 : '3d'

/** Charges an order, waits three days for the goods, asks a person, and ships. */
export const order = defineWorkflow({
  name: 'order',
  input: z.object({ id: z.string(), cents: z.number().int().positive() }),
  async run(ctx, { id, cents }) {
    // never made twice: if the program is killed within this step, a person says whether it took place
    const receipt = await ctx.step(
      'charge',
      ({ idempotencyKey }) => {
        appendFileSync('charges.txt', `order ${id}, ${cents} cents, ${idempotencyKey}\n`)
        return `receipt-${id}`
      },
      { effect: 'at-most-once' },
    )
    // survives restarts; a program that is not running catches up
    await ctx.sleep(WAIT)
    const answer = await ctx.approve('release', { title: `Ship order ${id}?` })
    if (answer.action === 'reject') return { receipt, shipped: false }
    await ctx.step('ship', () => appendFileSync('shipped.txt', `order ${id}\n`))
    return { receipt, shipped: true }
  },
})
