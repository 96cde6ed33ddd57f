import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const offer = defineWorkflow({
  name: 'offer',
  input: z.object({ to: z.string() }),
  async run(ctx, { to }) {
    const ask = () => ctx.signal('answer', { schema: z.object({ takes: z.boolean() }) })
    const first = await ctx.race([ask(), ctx.sleep(100)])
    if (first === undefined) await ctx.step('remind', () => console.log(`a reminder for ${to}`))
    return (first ?? (await ask())).takes ? 'sold' : 'not sold'
  },
})

await using app = await start({ workflows: [offer] })
const run = await app.start(offer, { to: 'Ada' })
for await (const { body } of run.events()) if (body.type === 'step-end' && body.step === 'remind') break
await run.signal('answer', { takes: true })
console.log(await run.result())
