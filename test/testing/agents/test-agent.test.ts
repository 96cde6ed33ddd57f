import { AssertionError } from 'node:assert'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { defineAgent, defineTool } from '../../../src/index.ts'
import {
  type AgentCase,
  type AgentTestOptions,
  type AgentTestReport,
  scriptedModel,
  stubTool,
  testAgent,
} from '../../../src/testing/index.ts'

const paid: string[] = []
const refund = defineTool({
  name: 'refund',
  description: 'Pays an order back',
  effect: 'at-most-once',
  input: z.object({ order: z.string(), cents: z.number().int() }),
  async execute({ order, cents }, { once }) {
    await once('pay', () => void paid.push(order))
    return { order, cents }
  },
})
const support = defineAgent({
  name: 'support',
  instructions: 'You help customers of a shop.',
  tools: [refund, 'filesystem:read', 'filesystem:append'],
  approve: [refund],
})

const usage = { input: 1000, output: 10 }
const call = (name: string, input: object) => ({ calls: [{ name, input: input as never }], usage })
const PAYS = [
  { match: /order 7[\s\S]*900/, reply: 'Paid back 9.00.', usage },
  { match: 'order 7', ...call('refund', { order: '7', cents: 900 }) },
  { reply: 'How can I help?', usage },
]
const paysBack = { name: 'pays back', input: 'My lamp of order 7 broke.', answers: { refund: true } }

const test = (cases: readonly AgentCase[], options: AgentTestOptions = {}) =>
  testAgent(support, cases, { model: scriptedModel(PAYS), ...options })

async function failuresOf(one: Partial<AgentCase>, options: AgentTestOptions = {}): Promise<readonly string[]> {
  const error = await test([{ ...paysBack, ...one }], {
    tools: [stubTool(refund, { order: '7', cents: 900 })],
    ...options,
  }).catch((failure: unknown) => failure)
  return error instanceof AssertionError ? (error as { report?: AgentTestReport }).report!.cases[0]!.failures : []
}

it('runs each case in a runtime of its own, and reports it', async () => {
  const stub = stubTool(refund, ({ order, cents }) => ({ order, cents }))
  const report = await test(
    [
      {
        ...paysBack,
        calls: [{ tool: 'refund', input: { order: '7' } }],
        notCalled: ['filesystem:append'],
        output: 'Paid back',
        budget: { dollars: 0.01, rounds: 2 },
        judge: ({ calls, status }) => ({ pass: status === 'completed' && calls.length === 1, score: 0.9 }),
      },
      { name: 'greets', input: 'Hi.', outputEquals: 'How can I help?', calls: [], order: 'exact' },
    ],
    { tools: [stub], price: { input: 1, output: 1 } },
  )
  expect(report).toMatchObject({ agent: 'support', passed: true, notes: [], cost: expect.closeTo(0.00303) })
  expect(report.cases.map(({ name, passed, score }) => [name, passed, score])).toEqual([
    ['pays back', true, 0.9],
    ['greets', true, undefined],
  ])
  expect(report.cases[0]!.transcript).toMatchObject({
    messages: [{ text: paysBack.input, status: 'completed', answer: 'Paid back 9.00.' }],
    calls: [{ tool: 'refund', input: { order: '7', cents: 900 }, outcome: 'succeeded', agent: 'support' }],
    rounds: 2,
    tokens: 2020,
  })
  expect(stub.calls).toEqual([
    { input: { order: '7', cents: 900 }, idempotencyKey: expect.any(String), result: { order: '7', cents: 900 } },
  ])
  expect(paid).toEqual([])
})

describe('a case fails', () => {
  it('without an answer to an approval', async () => {
    expect(await failuresOf({ answers: {} })).toEqual([
      expect.stringMatching(/^status: expected completed, got waiting: .*refund/),
    ])
  })

  it('when it takes too long, and says so', async () => {
    const model = scriptedModel([{ reply: 'x', gate: new Promise(() => {}) }])
    expect(await failuresOf({ answers: {} }, { model, timeout: 0.3 })).toEqual([
      'it did not end within 0.3 seconds',
      'status: expected completed, got waiting',
    ])
  })

  it('when the model has no reply, and says why', async () => {
    expect(await failuresOf({}, { model: scriptedModel([]) })).toEqual([
      expect.stringMatching(/^status: expected completed, got (?:waiting|failed): .*The script has no reply to/),
    ])
  })
})

it('throws one error with all failures', async () => {
  const cases = [
    { name: 'one', input: 'Hi.', output: 'no' },
    { name: 'two', input: 'Hi.' },
    { name: 'three', input: 'Hi.', status: 'failed' },
  ] as const
  const error = await test(cases).catch((failure: unknown) => failure)
  expect(error).toBeInstanceOf(AssertionError)
  const { message } = error as Error
  expect(message.replaceAll(/\d+ ms/g, 'N ms').split('\n')).toEqual([
    '✗ one  1 round, 0 calls, N ms',
    '    output: expected a text that contains "no", got "How can I help?"',
    '✓ two  1 round, 0 calls, N ms',
    '✗ three  1 round, 0 calls, N ms',
    '    status: expected failed, got completed',
    'support: 2 of 3 cases failed',
  ])
})

it('sends the messages of a conversation one after the other', async () => {
  const model = scriptedModel([{ match: /lamp[\s\S]*chair/, reply: 'Both.' }, { reply: 'The lamp.' }])
  const { cases } = await test([{ name: 'two', messages: ['A lamp.', 'And a chair.'], outputEquals: 'Both.' }], {
    model,
  })
  expect(cases[0]!.transcript.messages.map(({ answer }) => answer)).toEqual(['The lamp.', 'Both.'])
})

it('gives files to the tools of a case, and leaves nothing behind', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'antiphon-leftovers-'))
  vi.stubEnv('TMPDIR', temporary)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    rmSync(temporary, { recursive: true })
  })
  const foldersNow = () => readdirSync(temporary).filter((name) => name.startsWith('antiphon-agent-'))
  const before = foldersNow()
  const model = scriptedModel([
    { match: 'closes at nine', ...call('filesystem_append', { path: 'out.md', content: 'nine' }), times: 1 },
    { match: /"bytes"|out\.md/, reply: 'Noted.' },
    call('filesystem_read', { path: 'in/notes.md' }),
  ])
  const { cases } = await test(
    [{ name: 'notes', input: 'Go.', files: { 'in/notes.md': 'It closes at nine.' }, output: 'Noted.' }],
    { model },
  )
  expect(cases[0]!.notes).toEqual(['calls without a stub: filesystem:read, filesystem:append'])
  expect(existsSync('out.md')).toBe(false)
  expect(foldersNow().filter((name) => !before.includes(name))).toEqual([])
  const outside = test([{ name: 'x', input: 'Go.', files: { '../x': '' } }])
  await expect(outside).rejects.toThrow('expected a path inside the folder of the case, got ../x')
})

it('bounds how many cases run at a time', async () => {
  let running = 0
  let most = 0
  const gated = defineAgent({
    name: 'gated',
    instructions: async () => {
      most = Math.max(most, ++running)
      return 'x'
    },
  })
  const cases = [1, 2, 3, 4].map((n) => ({ name: `${n}`, input: 'Hi.', judge: () => running-- > 0 }))
  await testAgent(gated, cases, { model: scriptedModel(PAYS), concurrency: 2 })
  expect(most).toBe(2)
})

it('answers questions and approvals as the case says', async () => {
  const agent = defineAgent({ name: 'asker', instructions: 'x', tools: [refund, 'user-prompt'], approve: [refund] })
  const model = scriptedModel([
    { match: 'blue', ...call('refund', { order: 'blue', cents: 1 }), times: 1 },
    { ...call('user-prompt', { prompt: 'Which colour?' }), times: 1 },
    { reply: 'It was rejected.', usage },
  ])
  const asked: string[] = []
  const { cases } = await testAgent(
    agent,
    [
      {
        name: 'asks',
        input: 'Go.',
        answers({ tool, expects, title }) {
          asked.push(`${tool}: ${title}`)
          return expects.type === 'approval' ? false : 'blue'
        },
        calls: ['user-prompt', { tool: 'refund', input: { order: 'blue' } }],
        output: 'rejected',
      },
    ],
    { model },
  )
  expect(asked).toEqual(['user-prompt: Which colour?', 'refund: Call refund? order "blue", cents 1'])
  expect(cases[0]!.transcript.calls.at(-1)).toMatchObject({ tool: 'refund', outcome: 'rejected' })
  expect(cases[0]!.notes).toEqual([])
})

it('tests typed answers and the calls of agents that it asks', async () => {
  const writer = defineAgent({ name: 'writer', description: 'Writes', instructions: 'You write.', tools: [refund] })
  const lead = defineAgent({
    name: 'lead',
    instructions: 'You lead.',
    agents: [writer],
    output: z.object({ text: z.string(), lines: z.number() }),
  })
  const model = scriptedModel([
    { match: /You write.*cents/s, reply: 'A text.', usage },
    { match: 'You write', ...call('refund', { order: '7', cents: 1 }) },
    { match: 'A text.', ...call('final_answer', { text: 'A text.', lines: 1 }) },
    call('agent_writer', { goal: 'Write a text.' }),
  ])
  const { cases } = await testAgent(
    lead,
    [
      {
        name: 'leads',
        input: 'Have a text written.',
        calls: ['agent:writer', { tool: 'refund', input: { cents: 1 } }],
        answers: { refund: true },
        output: { lines: 1 },
      },
    ],
    { model, tools: [stubTool(refund, { order: '7', cents: 1 })] },
  )
  const { transcript, notes } = cases[0]!
  expect(transcript.calls.map(({ agent, tool }) => [agent, tool])).toEqual([
    ['lead', 'agent:writer'],
    ['writer', 'refund'],
    ['lead', 'final_answer'],
  ])
  expect([transcript.output, notes]).toEqual([{ text: 'A text.', lines: 1 }, []])
})

it('reaches no provider when it has a model of its own', async () => {
  vi.stubEnv('OPENAI_API_KEY', 'sk-0123456789')
  const agent = defineAgent({ name: 'other', instructions: 'x', model: ['openai/gpt-5-mini', 'sonnet'] })
  await testAgent(agent, [{ name: 'one', input: 'Hi.', output: 'How can' }], { model: scriptedModel(PAYS) })
  vi.unstubAllEnvs()
})

it.each([
  [{ cases: [] }, 'cases'],
  [{ cases: [{ name: 'x', input: 'x', expected: 1 }] }, 'cases.0.expected'],
  [{ cases: [{ name: 'x' }] }, 'cases.0.input'],
  [{ cases: [{ name: 'x', input: 'x', messages: ['x'] }] }, 'cases.0.messages'],
  [{ cases: [{ name: 'x', input: 'x', calls: [1] }] }, 'cases.0.calls'],
  [{ cases: [{ name: 'x', input: 'x', order: 'random' }] }, 'cases.0.order'],
  [{ cases: [{ name: 'x', input: 'x', budget: { cents: 1 } }] }, 'cases.0.budget.cents'],
  [
    {
      cases: [
        { name: 'x', input: 'x' },
        { name: 'x', input: 'x' },
      ],
    },
    'cases.1.name',
  ],
  [{ cases: [{ name: 'x', input: 'x' }], parallel: 3 }, 'parallel'],
] as const)('refuses %j', async ({ cases, ...options }, path) => {
  await expect(testAgent(support, cases as never, options as never)).rejects.toMatchObject({
    code: 'invalid_agent_test',
    place: { path },
  })
})
