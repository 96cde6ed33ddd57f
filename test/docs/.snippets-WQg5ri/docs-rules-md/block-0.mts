import { defineAgent, defineTool, start } from 'antiphon'
import { scriptedModel } from 'antiphon/testing'
import { z } from 'zod'

const refund = defineTool({
  name: 'refund',
  description: 'Pays an order back',
  effect: 'at-most-once',
  input: z.object({ order: z.string(), reason: z.string().optional() }),
  execute: ({ order, reason = 'none' }) => ({ paid: order, reason }),
})

const support = defineAgent({
  name: 'support',
  instructions: 'You help customers.',
  model: 'script/one',
  tools: [refund],
  approve: 'none',
})

const CLOSES = 18

const app = await start({
  agents: [support],
  around: {
    tool(call, next) {
      if (call.tool !== 'refund' || new Date().getHours() < CLOSES) return next()
      if (!call.input.reason) call.refuse(`After ${CLOSES}:00, a refund needs a reason.`)
      return next()
    },
  },
  // this model follows a script; leave it and its price out to use yours
  prices: { 'script/one': { input: 0, output: 0 } },
  models: {
    'script/one': scriptedModel([
      { calls: [{ name: 'refund', input: { order: '17' } }], times: 1 },
      { match: 'needs a reason', calls: [{ name: 'refund', input: { order: '17', reason: 'broken' } }], times: 1 },
      { reply: 'Order 17 is paid back.' },
    ]),
  },
})

const reply = await app.conversation(support, 'anna').send('My lamp is broken.')
console.log(reply.answer)
await app.stop()
