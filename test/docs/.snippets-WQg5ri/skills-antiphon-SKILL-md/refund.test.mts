// refund.test.mts
import { test } from 'node:test'
import { defineAgent, defineTool } from 'antiphon'
import { scriptedModel, stubTool, testAgent } from 'antiphon/testing'
import { z } from 'zod'

const refund = defineTool({
  name: 'refund',
  description: 'Pays an order back',
  effect: 'at-most-once',
  input: z.object({ order: z.string() }),
  execute: ({ order }) => ({ order, paid: false }),
})
const support = defineAgent({
  name: 'support',
  instructions: 'You help customers of a shop.',
  tools: [refund],
  approve: [refund],
})
const model = scriptedModel([
  { match: /order 7[^]*paid/, reply: 'Order 7 is paid back.' },
  { match: 'order 7', calls: [{ name: 'refund', input: { order: '7' } }] },
])

test('support pays an order back after an approval', async () => {
  const cases = [
    {
      name: 'refund',
      input: 'The lamp of order 7 arrived broken.',
      answers: { refund: true },
      calls: [{ tool: 'refund', input: { order: '7' } }],
      output: /paid back/,
    },
  ]
  await testAgent(support, cases, { model, tools: [stubTool(refund, ({ order }) => ({ order, paid: true }))] })
})
