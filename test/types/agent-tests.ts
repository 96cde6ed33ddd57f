/**
 * The types of tests of agents as a user meets them. Nothing here runs. Each line below `@ts-expect-error` is wrong, and must not
 * compile.
 */
import { defineAgent, defineTool } from 'antiphon'
import {
  type AgentTest,
  type AgentTestReport,
  recordedModel,
  scriptedModel,
  stubTool,
  testAgent,
} from 'antiphon/testing'
import { z } from 'zod'

const refund = defineTool({
  name: 'refund',
  description: 'Pays an order back',
  effect: 'at-most-once',
  input: z.object({ order: z.string(), cents: z.number().int() }),
  output: z.object({ paid: z.boolean() }),
  execute: () => ({ paid: true }),
})
const support = defineAgent({
  name: 'support',
  instructions: 'You help.',
  tools: [refund],
  output: z.object({ answer: z.string() }),
})

const stub = stubTool(refund, { paid: true }, new Error('closed'), async ({ cents }, { once, idempotencyKey }) => {
  await once('pay', () => `${idempotencyKey}/${cents}`)
  return { paid: cents > 0 }
})
export const order: string | undefined = stub.calls[0]?.input.order
export const named = stubTool('web-search:search', { results: [] }, (input) => input)

export const suite = {
  agent: support,
  model: recordedModel('replies.json', { model: 'openai/gpt-5-mini', record: 'once', ignore: [/day \d+/] }),
  tools: [stub, named],
  unstubbed: 'fail',
  cases: [
    {
      name: 'pays back',
      messages: ['My lamp broke.', 'It was order 7.'],
      answers: ({ tool, expects }) => (tool === 'refund' && expects.type === 'approval' ? true : undefined),
      calls: ['filesystem:read', { tool: 'refund', input: { order: /^7$/ } }],
      output: { answer: /paid/ },
      judge: async ({ calls, cost }) => ({ pass: calls.length < 3, score: cost }),
    },
    { name: 'schema', input: 'Hi.', output: z.object({ answer: z.string() }), judge: () => true },
    { name: 'predicate', input: 'Hi.', output: (value) => value !== null, status: 'waiting' },
  ],
} satisfies AgentTest

export const report: Promise<AgentTestReport> = testAgent(support, suite.cases, {
  model: scriptedModel([]),
  timeout: 5,
})

// @ts-expect-error a result that the tool does not have
stubTool(refund, { payed: true })
// @ts-expect-error a parameter that the tool does not have
stubTool(refund, ({ amount }) => ({ paid: amount > 0 }))
// @ts-expect-error a number as a name
stubTool(7)
// @ts-expect-error a misspelt key of a case
testAgent(support, [{ name: 'x', input: 'Hi.', expects: 'x' }])
// @ts-expect-error a number as a message
testAgent(support, [{ name: 'x', input: 7 }])
// @ts-expect-error an order that does not exist
testAgent(support, [{ name: 'x', input: 'Hi.', order: 'random' }])
// @ts-expect-error a judge that returns a text
testAgent(support, [{ name: 'x', input: 'Hi.', judge: () => 'good' }])
// @ts-expect-error a call without a tool
testAgent(support, [{ name: 'x', input: 'Hi.', calls: [{ input: {} }] }])
// @ts-expect-error a mode that does not exist
recordedModel('x.json', { record: 'sometimes' })
