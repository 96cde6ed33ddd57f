import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const resize = defineWorkflow({
  name: 'resize',
  input: z.object({ pictures: z.array(z.string()) }),
  async run(ctx, { pictures }) {
    const all = await ctx.map(pictures, (name) => ctx.step('resize', () => small(name), { retry: 0 }), {
      concurrency: 4,
      tolerate: true,
    })
    return all.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message))
  },
})

const small = async (name: string) => {
  if (!name.endsWith('.png')) throw new Error(`${name} is not a picture`)
  return `small ${name}`
}

await using app = await start({ workflows: [resize] })
const run = await app.start(resize, { pictures: ['a.png', 'b.txt', 'c.png'] })
console.log(await run.result())
