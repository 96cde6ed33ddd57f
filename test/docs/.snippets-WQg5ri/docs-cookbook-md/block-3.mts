import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const look = async (name: string) => {
  if (name === 'nobody') throw new Error('the CRM knows nobody of this name')
  return name.length
}

const enrich = defineWorkflow({
  name: 'enrich',
  input: z.object({ names: z.array(z.string()) }),
  async run(ctx, { names }) {
    const each = (name: string) => ctx.step('look-up', () => look(name), { resource: 'crm', retry: 0 })
    const all = await ctx.map(names, each, { concurrency: 20, tolerate: true })
    return all.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message))
  },
})

await using app = await start({ workflows: [enrich] })
const run = await app.start(enrich, { names: ['Ada', 'nobody', 'Grace'] })
console.log(await run.result())
