// support.mts
import { defineAgent, defineTool, start } from 'antiphon'
import { z } from 'zod'
import { payments } from './payments.mts'

const refund = defineTool({
  name: 'refund', description: 'Pays an order back.', effect: 'at-most-once',
  input: z.object({ order: z.string(), cents: z.number().int() }),
  execute: ({ order, cents }, { idempotencyKey }) => payments.refund(order, cents, { idempotencyKey }),
})

const support = defineAgent({
  name: 'support', model: 'openai/gpt-5-mini', instructions: 'You help customers of a shop.',
  tools: [refund, 'filesystem:read'], approve: [refund], budget: 0.5,
  output: z.object({ answer: z.string(), refunded: z.boolean() }),
})
await using app = await start({ agents: [support], prices: { 'openai/gpt-5-mini': { input: 0.25, output: 2 } } })
const chat = app.conversation(support, 'lamp', { owner: 'customer-42' })
const reply = await chat.send('My lamp arrived broken.', { id: 'mail-9311' })   // waits for the approval, too
if (reply.status === 'completed') console.log(reply.output.answer, reply.output.refunded)
else console.log(reply)
