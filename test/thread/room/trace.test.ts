import { expect, it } from 'vitest'
import { NotFoundError } from '../../../src/errors.ts'
import { traceReader } from '../../../src/thread/room/trace.ts'

const usage = { input: 1_000_000, output: 500_000 }
const ask = {
  id: 'ask_1',
  thread: 't',
  status: 'completed',
  citations: [
    { vid: 'm1', record: 'm_1' },
    { vid: 'm2', record: 'm_1' },
    { vid: 'v1', file: 'a.md' },
  ],
  phases: [
    { phase: 'action', cycle: 1, status: 'completed', model: 'm' },
    { phase: 'action', cycle: 2, status: 'degraded', model: 'unknown' },
    { phase: 'yield', cycle: 2, status: 'running', model: '' },
  ],
}

async function* events() {
  const of = { n: 1, correlationId: 'ask_1' }
  const ended = { type: 'phase-end', phase: 'action', text: 'so', ms: 3, at: 1, usage }
  yield { ...of, body: { ...ended, cycle: 1, status: 'completed', model: 'm', cost: 4 } }
  yield { ...of, body: { type: 'decision', decision: 'loop', target: 'action', reason: 'a gap', cycle: 1, at: 2 } }
  yield { ...of, body: { ...ended, cycle: 2, status: 'degraded', model: 'unknown' } }
}

const missing = async () => {
  throw new NotFoundError('there is none')
}

const readerWith = (more: object) =>
  traceReader({
    threads: { eventsSoFar: events, ownerOfThread: async () => 'ann' },
    threadOfAsk: async (id: string) => (id === 'ask_1' ? 't' : undefined),
    getAsk: async () => ask,
    budgets: { get: missing },
    ...more,
  } as never)

it('joins a question with what its phases did and cost, as far as it is', async () => {
  const trace = await readerWith({})('ask_1')
  expect(trace).toMatchObject({
    phases: [
      { cycle: 1, text: 'so', ms: 3, usage, cost: 4 },
      { cycle: 2, text: 'so', usage },
      { phase: 'yield', status: 'running' },
    ],
    decisions: [{ cycle: 1, decision: 'loop', target: 'action', reason: 'a gap', at: 2 }],
    cost: 4,
    receipts: [],
  })
  expect(trace.phases[1]).not.toHaveProperty('cost')
  expect(trace).not.toHaveProperty('budget')
  await expect(readerWith({})('ask_2')).rejects.toMatchObject({ code: 'not_found' })
})

it('has the budget of its thread, and the receipts that the ledger has', async () => {
  const booked = { op: 'citation:ask_1:m_1', n: 7, hash: 'h' }
  const receipt = async (op: string) => (op === booked.op ? booked : missing())
  const ledger = { balance: async () => ({ owner: 'ann', account: 'acc_1', balance: '0', entries: 0 }), receipt }
  const budgets = { get: async () => ({ scope: 'thread/t', limit: 2, spent: 1, calls: 3 }) }
  expect(await readerWith({ ledger, budgets })('ask_1')).toMatchObject({
    budget: { limit: 2, spent: 1 },
    receipts: [booked],
  })
})
