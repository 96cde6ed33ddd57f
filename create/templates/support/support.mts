import { appendFileSync } from 'node:fs'
import { defineAgent, defineTool } from 'antiphon'
import { z } from 'zod'
import './environment.mts'

export const refund = defineTool({
  name: 'refund',
  description: 'Pays an order back. `cents` is the amount.',
  // antiphon never makes such a call twice: if it is cut off, a person says whether it took place
  effect: 'at-most-once',
  input: z.object({ order: z.string(), cents: z.number().int().positive() }),
  title: ({ order, cents }) => `Refund ${(cents / 100).toFixed(2)} € for order ${order}?`,
  execute({ order, cents }, { idempotencyKey }) {
    // your payment service stands here; give it the key, so that it can refuse a second call, too
    appendFileSync('refunds.txt', `order ${order}, ${cents} cents, ${idempotencyKey}\n`)
    return `Order ${order} is paid back.`
  },
})

/** With OPENAI_API_KEY in `.env`, a model of OpenAI answers. Without it, a script does, and says so in each reply. */
export const MODEL = process.env.OPENAI_API_KEY ? 'openai/gpt-5-mini' : 'scripted/shop'

export const support = defineAgent({
  name: 'support',
  description: 'Helps customers of a shop',
  model: MODEL,
  instructions: 'You help customers of a shop. You may pay an order back; staff approve each refund.',
  tools: [refund],
  approve: [refund],
  // dollars for the answer to one message
  budget: 0.5,
})
