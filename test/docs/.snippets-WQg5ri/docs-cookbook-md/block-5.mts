import { setTimeout as pause } from 'node:timers/promises'
import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

let atWork = 0
let most = 0
const sync = defineWorkflow({
  name: 'sync',
  input: z.object({ customer: z.string() }),
  run: (ctx) =>
    ctx.step('sync', async () => {
      most = Math.max(most, ++atWork)
      await pause(20)
      atWork--
    }),
})

await using app = await start({ workflows: [sync] })
const queue = { key: 'customer-7' }
const runs = await Promise.all([1, 2, 3].map(() => app.start(sync, { customer: '7' }, { queue })))
await Promise.all(runs.map((run) => run.result()))
console.log(`${most} at a time`)
