import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const trip = defineWorkflow({
  name: 'trip',
  input: z.object({ to: z.string() }),
  onFailure: 'undo',
  async run(ctx, { to }) {
    await ctx.step('flight', () => `flight to ${to}`, { undo: (booked) => console.log(`cancelled: ${booked}`) })
    await ctx.step('hotel', () => `hotel in ${to}`, { undo: (booked) => console.log(`cancelled: ${booked}`) })
    await ctx.step('car', () => Promise.reject(new Error('no car is free')), { retry: 0 })
  },
})

await using app = await start({ workflows: [trip] })
const run = await app.start(trip, { to: 'Rome' })
console.log(await run.result().catch((error) => error.message))
