import { expect, it } from 'vitest'
import { z } from 'zod'
import { checkCase } from '../../../src/testing/agents/check-case.ts'
import type { AgentCase } from '../../../src/testing/agents/suite.ts'
import type { AgentTranscript } from '../../../src/testing/agents/transcript.ts'

const call = { tool: 'refund', input: { order: '7', cents: 900 }, agent: 'support', round: 1, made: true }
const TRANSCRIPT: AgentTranscript = {
  messages: [{ text: 'Pay.', status: 'completed', answer: 'Paid back 9.00.' }],
  calls: [call],
  status: 'completed',
  answer: 'Paid back 9.00.',
  rounds: 2,
  models: [],
  tokens: 20,
  cost: 0.002,
}
const check = (one: Partial<AgentCase>, transcript: Partial<AgentTranscript> = {}, isPriced = true) =>
  checkCase({ name: 'x', input: 'Pay.', ...one }, { ...TRANSCRIPT, ...transcript }, isPriced)

it.each<readonly [what: string, one: Partial<AgentCase>, failure: string | RegExp]>([
  ['for another status', { status: 'failed' }, 'status: expected failed, got completed'],
  [
    'for a missing call',
    { calls: ['filesystem:read'] },
    'calls: expected filesystem:read as call 1 of those expected, got refund {"order":"7","cents":900}',
  ],
  [
    'for other parameters',
    { calls: [{ tool: 'refund', input: { order: /^8/ } }] },
    'calls: refund.order: expected a text that matches /^8/, got "7"',
  ],
  [
    'for calls in another order',
    { calls: ['refund', 'refund'] },
    /^calls: expected refund as call 2 of those expected/,
  ],
  [
    'for one call too many',
    { calls: [], order: 'exact' },
    'calls: expected no more calls than 0, got refund {"order":"7","cents":900}',
  ],
  ['for a forbidden call', { notCalled: ['refund'] }, /^calls: refund must not be called/],
  ['for a text that lacks a text', { output: 'Rejected' }, /^output: expected a text that contains "Rejected"/],
  ['for another text', { outputEquals: 'Paid' }, 'output: expected "Paid", got "Paid back 9.00."'],
  ['for a wrong pattern', { output: /never/ }, /^output: expected a text that matches \/never\//],
  ['for a wrong schema', { output: z.object({ answer: z.string() }) }, /^output: value/],
  ['for a predicate', { output: () => false }, 'output: got "Paid back 9.00."'],
  ['for too many rounds', { budget: { rounds: 1 } }, 'budget: expected at most 1 rounds, got 2'],
  ['for an unknown price', { budget: { dollars: 1 } }, /^budget: the price of the model is unknown/],
  ['by its judge', { judge: () => false }, 'judge: it did not pass'],
  ['by its judge with a reason', { judge: async () => ({ pass: false, reason: 'It is rude.' }) }, 'judge: It is rude.'],
  ['by a judge that throws', { judge: () => Promise.reject(new Error('no judge')) }, 'judge: no judge'],
])('fails %s', async (_, one, failure) => {
  const { failures } = await check(one, {}, one.budget?.dollars !== 1)
  expect(failures).toEqual([typeof failure === 'string' ? failure : expect.stringMatching(failure)])
})

it('fails for money', async () => {
  expect((await check({ budget: { dollars: 0.001 } })).failures).toEqual([
    'budget: expected at most $0.001, got $0.002',
  ])
})

it.each<Partial<AgentCase>>([
  { calls: ['refund'], order: 'exact', notCalled: ['terminal'], budget: { dollars: 0.01, rounds: 2 } },
  { calls: [{ tool: 'refund', input: { order: /^7$/ } }], output: 'Paid', outputEquals: 'Paid back 9.00.' },
  { output: /\d\.\d\d/ },
  { output: z.string() },
  { output: async (text) => text === 'Paid back 9.00.', judge: () => true },
  { judge: ({ calls }) => ({ pass: calls[0]!.tool === 'refund' }) },
])('passes %#', async (one) => {
  expect((await check(one)).failures).toEqual([])
})

it('takes calls in the given order, in any order, or exactly', async () => {
  const calls = ['a', 'b', 'c'].map((tool) => ({ ...call, tool }))
  const passes = async (names: readonly string[], order: AgentCase['order']) =>
    (await check({ calls: names, ...(order && { order }) }, { calls })).failures.length === 0
  expect(
    await Promise.all([passes(['a', 'c'], undefined), passes(['c', 'a'], undefined), passes(['c', 'a'], 'any')]),
  ).toEqual([true, false, true])
  expect(
    await Promise.all([passes(['a', 'b', 'c'], 'exact'), passes(['a', 'c'], 'exact'), passes(['c', 'c'], 'any')]),
  ).toEqual([true, false, false])
})

it('compares a typed output by its fields', async () => {
  const output = { answer: 'Paid.', lines: [{ cents: 900, order: '7' }], refunded: true }
  expect((await check({ output: { refunded: true, lines: [{ order: '7' }] } }, { output })).failures).toEqual([])
  expect((await check({ output: { lines: [] } }, { output })).failures).toEqual([
    'output.lines: expected 0 items, got 1',
  ])
  expect((await check({ output: { refunded: false } }, { output })).failures).toEqual([
    'output.refunded: expected false, got true',
  ])
})

it('does not report a missing answer besides the status', async () => {
  const { answer: _, ...rest } = TRANSCRIPT
  const failed = { ...rest, status: 'failed', messages: [{ text: 'Pay.', status: 'failed', why: 'no model' }] } as const
  const { failures } = await checkCase({ name: 'x', input: 'Pay.', output: 'Paid' }, failed, true)
  expect(failures).toEqual(['status: expected completed, got failed: no model'])
})
