import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const both = defineWorkflow({
  name: 'both',
  input: z.object({}),
  async run(ctx) {
    await ctx.step('one', () => console.log('Step one completed!'))
    await ctx.step('two', () => console.log('Step two completed!'))
  },
})

await using app = await start({ workflows: [both] })
await (await app.start(both, {})).result()
