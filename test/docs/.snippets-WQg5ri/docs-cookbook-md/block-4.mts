import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

let looks = 0
const statusOf = async (job: string) => (++looks < 3 ? 'working' : `${job} is ready`)

const wait = defineWorkflow({
  name: 'wait',
  input: z.object({ job: z.string() }),
  async run(ctx, { job }) {
    for (let pause = 20; ; pause = Math.min(pause * 2, 60_000)) {
      const status = await ctx.step('look', () => statusOf(job))
      if (status !== 'working') return status
      await ctx.sleep(pause)
    }
  },
})

await using app = await start({ workflows: [wait] })
const run = await app.start(wait, { job: 'video-7' })
console.log(await run.result())
