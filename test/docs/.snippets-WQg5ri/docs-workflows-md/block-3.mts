import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const poll = defineWorkflow({
  name: 'poll',
  input: z.object({ feed: z.string() }),
  run: (ctx, { feed }) =>
    ctx.loop({ cursor: 0, found: 0 }, async ({ cursor, found }) => {
      const page = await ctx.step('read', () => readPage(feed, cursor))
      if (page.next === null) return { done: found + page.items.length }
      await ctx.sleep(10)
      return { next: { cursor: page.next, found: found + page.items.length } }
    }),
})

const readPage = async (_feed: string, cursor: number) => ({
  items: ['a', 'b'],
  next: cursor < 20 ? cursor + 10 : null,
})

await using app = await start({ workflows: [poll] })
const run = await app.start(poll, { feed: 'news' })
console.log(await run.result())
