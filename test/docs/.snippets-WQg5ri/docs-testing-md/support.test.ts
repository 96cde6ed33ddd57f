import { type AgentTest, scriptedModel, stubTool } from 'antiphon/testing'
import { refund, support } from './support.ts'

const model = scriptedModel([
  { match: /order 7[^]*paid/, reply: 'Order 7 is paid back.' },
  { match: 'order 7', calls: [{ name: 'refund', input: { order: '7', cents: 900 } }] },
  { reply: 'How can I help you?' },
])

export default {
  agent: support,
  model,
  tools: [stubTool(refund, ({ order }) => ({ order, paid: true }))],
  cases: [
    {
      name: 'pays an order back',
      input: 'The lamp of order 7 arrived broken.',
      answers: { refund: true },
      calls: [{ tool: 'refund', input: { order: '7' } }],
      output: /paid back/,
      budget: { rounds: 2 },
    },
    { name: 'asks what is wrong', input: 'Hello.', notCalled: ['refund'] },
  ],
} satisfies AgentTest
