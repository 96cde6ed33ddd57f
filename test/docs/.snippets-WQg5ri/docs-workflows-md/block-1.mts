import { defineAgent, defineWorkflow, start } from 'antiphon'
import { scriptedModel } from 'antiphon/testing'
import { z } from 'zod'

// stands for openai('gpt-5-mini')
const model = scriptedModel([
  { match: 'still broken', reply: { refund: true } },
  { reply: { refund: false } },
])
const support = defineAgent({
  name: 'support',
  model: 'lab/one',
  instructions: 'You help customers of a shop.',
  output: z.object({ refund: z.boolean() }),
})
const complain = defineWorkflow({
  name: 'complain',
  input: z.object({ customer: z.string() }),
  async run(ctx, { customer }) {
    const chat = { agent: support, conversation: customer }
    const first = await ctx.call(chat, 'My lamp arrived broken.')
    await ctx.sleep('1s')
    const second = await ctx.call(chat, 'It is still broken.')
    return [first.output.refund, second.output.refund]
  },
})

await using app = await start({
  agents: [support],
  workflows: [complain],
  models: { 'lab/one': model },
  prices: { 'lab/one': { input: 1, output: 4 } },
})
const run = await app.start(complain, { customer: 'customer-42' })
console.log(await run.result())
