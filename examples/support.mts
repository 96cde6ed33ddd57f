/**
 * A support agent that may pay an order back, after a person has approved it. Run it with `node examples/support.mts`,
 * kill it at any moment, and run it again. Without OPENAI_API_KEY, a scripted model answers.
 */
import { appendFileSync } from 'node:fs'
import { defineAgent, defineTool, start } from 'antiphon'
import { scriptedModel } from 'antiphon/testing'
import { z } from 'zod'

const refund = defineTool({
  name: 'refund',
  description: 'Pays an order back.',
  effect: 'at-most-once',
  input: z.object({ order: z.string(), cents: z.number().int() }),
  execute({ order, cents }, { idempotencyKey }) {
    appendFileSync('refunds.txt', `order ${order}, ${cents} cents, ${idempotencyKey}\n`)
    return 'It is paid back.'
  },
})

const support = defineAgent({
  name: 'support',
  model: process.env.OPENAI_API_KEY ? 'openai/gpt-5-mini' : 'scripted/shop',
  instructions: 'You help customers of a shop.',
  tools: [refund, 'filesystem:read'],
  approve: [refund],
  budget: 0.5,
  output: z.object({ answer: z.string(), refunded: z.boolean() }),
})

const shop = scriptedModel([
  {
    match: 'It is paid back.',
    calls: [{ name: 'final_answer', input: { answer: 'I am sorry. You get your money back.', refunded: true } }],
  },
  { calls: [{ name: 'refund', input: { order: '1789', cents: 4900 } }] },
])

await using app = await start({
  agents: [support],
  models: { 'scripted/shop': shop },
  prices: { 'openai/gpt-5-mini': { input: 0.25, output: 2 }, 'scripted/shop': { input: 0, output: 0 } },
})
const chat = app.conversation(support, 'lamp', { owner: 'customer-42' })
console.log('The message is sent. The refund waits for you: npx antiphon inbox')
const reply = await chat.send('My lamp arrived broken. It was order 1789, for 49 euros.', { id: 'mail-9311' })
if (reply.status === 'completed') console.log(reply.output.answer, reply.output.refunded)
else console.log(reply)
