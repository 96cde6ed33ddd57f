import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const tour = defineWorkflow({
  name: 'tour',
  input: z.object({ towns: z.array(z.string()) }),
  async run(ctx, { towns }) {
    const seen: string[] = []
    ctx.handle('progress', z.object({ from: z.number() }), ({ from }) => ({ seen: seen.slice(from), of: towns.length }))
    for (const town of towns) {
      await ctx.step('visit', () => town)
      seen.push(town)
      await ctx.signal('go-on')
    }
  },
})

await using app = await start({ workflows: [tour] })
const run = await app.start(tour, { towns: ['Rome', 'Oslo'] })
for await (const { body } of run.events()) if (body.type === 'signal-wait') break
console.log(await run.ask('progress', { from: 0 }))
