import { z } from 'zod'
import { defineWorkflow, start } from '../../src/index.ts'

/** A shop whose deploys differ by the environment. It begins runs that wait for a signal, and ends. */
const { STEP = 'charge', RUNS = '' } = process.env

const order = defineWorkflow({
  name: 'order',
  input: z.object({}),
  async run(ctx) {
    await ctx.step(STEP, () => process.stdout.write(`${STEP}\n`))
    await ctx.signal('go')
    return Date.now()
  },
})
const app = await start({ workflows: [order] })
for (const id of RUNS.split(' ').filter(Boolean)) await app.start(order, {}, { id })
await app.runtime!.idle()
await app.stop()
