import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const report = defineWorkflow({
  name: 'report',
  input: z.object({ topic: z.string() }),
  run: (ctx, { topic }) => ctx.step('write', () => `A report about ${topic}`),
})

await using app = await start({ workflows: [report] })
const morning = { cron: '0 8 * * 1-5', zone: 'Europe/Berlin' } as const
const { next } = await app.schedules.put('morning', { ...morning, workflow: 'report', input: { topic: 'tides' } })
console.log(next.length)
const { id } = await app.schedules.run('morning')      // now, besides
for await (const _ of app.runs.events(id));
console.log((await app.runs.get(id)).outputs)
