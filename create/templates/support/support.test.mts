import { type AgentTest, stubTool } from 'antiphon/testing'
import { scripted } from './scripted.mts'
import { refund, support } from './support.mts'

const message = 'My lamp arrived broken. It was order 1789.'

/** `npm test` runs it: each case sends a message, and no refund is paid. */
export default {
  agent: support,
  model: scripted,
  tools: [stubTool(refund, ({ order }) => `Order ${order} is paid back.`)],
  cases: [
    {
      name: 'pays an order back after staff approve',
      input: message,
      answers: { refund: true },
      calls: [{ tool: 'refund', input: { order: '1789', cents: 4900 } }],
      output: /money is on its way/,
    },
    { name: 'pays nothing when staff reject', input: message, answers: { refund: false }, output: /did not approve/ },
    { name: 'waits while nobody answers', input: message, answers: {}, status: 'waiting' },
    { name: 'asks which order it was', input: 'Hello.', notCalled: ['refund'], output: /order 1789/ },
  ],
} satisfies AgentTest
