import { defineAgent, defineTool } from 'antiphon'
import { z } from 'zod'

export const refund = defineTool({
  name: 'refund',
  description: 'Pays an order back',
  effect: 'at-most-once',
  input: z.object({ order: z.string(), cents: z.number().int() }),
  execute: ({ order }) => ({ order, paid: false }),
})

export const support = defineAgent({
  name: 'support',
  instructions: 'You help customers of a shop.',
  tools: [refund],
  approve: [refund],
})
