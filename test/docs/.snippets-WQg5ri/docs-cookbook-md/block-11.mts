import { defineAgent, defineTool, defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const priceAt = async (carrier: string, order: string) => (carrier === 'sea' ? 9 : 20) + order.length

const quote = defineWorkflow({
  name: 'quote',
  input: z.object({ order: z.string() }),
  async run(ctx, { order }) {
    const prices = await ctx.map(['sea', 'air'], (carrier) => ctx.step('ask-carrier', () => priceAt(carrier, order)))
    return { order, dollars: Math.min(...prices) }
  },
})

const cheapest = defineTool({
  name: 'cheapest',
  description: 'The lowest price of a delivery',
  effect: 'pure',
  input: z.object({ order: z.string() }),
  async execute({ order }, { idempotencyKey }) {
    const run = await app.start(quote, { order }, { id: `quote-${idempotencyKey}` })
    return run.result()
  },
})

const support = defineAgent({
  name: 'support',
  model: 'openai/gpt-5-mini',
  instructions: 'You help customers of a shop.',
  tools: [cheapest],
})

await using app = await start({ agents: [support], workflows: [quote] })
const { answer } = await app.conversation(support, 'ada').send('What does the delivery of order 7 cost?')
console.log(answer)
