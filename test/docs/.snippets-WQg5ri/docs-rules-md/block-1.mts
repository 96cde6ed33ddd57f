import { createHash } from 'node:crypto'
import { defineWorkflow, start } from 'antiphon'
import { scriptedModel } from 'antiphon/testing'
import { createClient } from 'redis'
import { z } from 'zod'

const redis = await createClient({ url: process.env.REDIS_URL }).connect()
const model = scriptedModel([{ reply: 'Low tide is at 6:12.' }])
const tide = defineWorkflow({
  name: 'tide',
  input: z.object({ day: z.string() }),
  run: (ctx) => ctx.generate('say', { prompt: 'When is low tide?', model: 'script/one' }),
})

const app = await start({
  workflows: [tide],
  models: { 'script/one': model },
  prices: { 'script/one': { input: 0, output: 0 } },
  around: {
    async model(call, next) {
      // a call with tools belongs to one conversation
      if (call.kind !== 'generate' || call.request.tools) return next()
      const what = JSON.stringify([call.for?.owner, call.request])
      const key = `reply:${createHash('sha256').update(what).digest('hex')}`
      // without Redis, the model answers: an error here would refuse the call
      const known = await redis.get(key).catch(() => null)
      if (known !== null) return JSON.parse(known)
      const reply = await next()
      await redis.set(key, JSON.stringify(reply), { EX: 3600 }).catch(() => {})
      return reply
    },
  },
})

for (const day of ['monday', 'tuesday']) {
  const run = await app.start(tide, { day })
  console.log(await run.result())
}
console.log(model.calls.length)
await app.stop()
redis.destroy()
