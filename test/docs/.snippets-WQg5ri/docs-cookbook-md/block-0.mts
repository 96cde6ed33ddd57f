import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const publish = defineWorkflow({
  name: 'publish',
  input: z.object({ text: z.string() }),
  async run(ctx, { text }) {
    const answer = await ctx.approve('editor', { title: 'Publish it?', content: text, timeout: '3d' })
    return answer.action === 'approve' ? 'published' : `rejected: ${answer.reason}`
  },
})

await using app = await start({ workflows: [publish] })
const run = await app.start(publish, { text: 'The harbour closes at nine.' })
const link = await app.access.links.create({ run: run.id, signal: 'editor', kind: 'approval' })
console.log(link.url.startsWith('/v1/links/lk_'))     // put the address of your server in front, and mail it
await app.access.links.use(link.url, 'approve')        // what the button does
console.log(await run.result())
