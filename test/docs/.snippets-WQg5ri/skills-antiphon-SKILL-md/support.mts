// support.mts
import { appendFile } from 'node:fs/promises'
import { defineAgent, defineTool, start } from 'antiphon'
import { scriptedModel } from 'antiphon/testing'
import { z } from 'zod'

const refund = defineTool({
  name: 'refund',
  description: 'Pays an order back.',
  effect: 'at-most-once',
  input: z.object({ order: z.string(), cents: z.number().int() }),
  async execute({ order, cents }, { idempotencyKey }) {
    await appendFile('refunds.txt', `${order} ${cents} ${idempotencyKey}\n`)
    return { paid: true }
  },
})

const support = defineAgent({
  name: 'support',
  model: process.env.OPENAI_API_KEY ? 'openai/gpt-5-mini' : 'scripted/shop',
  instructions: 'You help customers of a shop.',
  tools: [refund],
  approve: [refund],
  budget: 0.5,
})

const shop = scriptedModel([
  { match: '"paid":true', reply: 'You get your money back.' },
  { calls: [{ name: 'refund', input: { order: '1789', cents: 4900 } }] },
])

await using app = await start({
  agents: [support],
  models: { 'scripted/shop': shop },
  prices: { 'openai/gpt-5-mini': { input: 0.25, output: 2 }, 'scripted/shop': { input: 0, output: 0 } },
})
const chat = app.conversation(support, 'lamp', { owner: 'customer-42' })
const reply = await chat.send('My lamp arrived broken. It was order 1789.', { id: 'mail-9311' })
console.log(reply.status === 'completed' ? reply.answer : reply)
