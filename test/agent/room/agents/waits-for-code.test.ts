import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAgent } from '../../../../src/agent/definition/define-agent.ts'
import type { Json } from '../../../../src/kernel/schema.ts'
import { defineTool } from '../../../../src/tool/tool.ts'
import { answer, call, openGoals } from '../../goal/folder.ts'

/** A program with a tool that notes its calls, and an agent that has it. */
function program(input: z.ZodType = z.object({ order: z.string() })) {
  const calls: Json[] = []
  const refund = defineTool({
    name: 'refund',
    description: 'Pays an order back',
    effect: 'at-most-once',
    input,
    execute: (given) => ({ paid: calls.push(given as Json) }),
  })
  const agent = defineAgent({ name: 'support', instructions: 'You help.', tools: [refund] })
  return { calls, refund, agent, parts: { agents: [agent] } }
}
const SCRIPT = [call('refund', { order: 'a1' }), answer('paid')]
const ABSENT = 'The tool refund is code of a program, and this process does not have it.'
const CHANGED =
  'The code of the agent support has changed since the work began: refund input: order: string → number. To go on with the new code: antiphon agent resume --all --with-new-code'
const CONTINUES = 'It continues when a process with that code opens the data folder.'

test('a goal waits while its process lacks a tool or has another one, and continues by itself where the code is', async () => {
  const { parts, calls } = program()
  const { runtime, open } = await openGoals(SCRIPT, 'tools: { approve: none }\n', parts)
  await runtime.goals.start({ agent: 'support', goal: 'Pay a1 back.', id: 'g' })
  await runtime.goals.pause('g')
  await runtime.idle()
  await runtime.stop()
  const bare = await open({})
  await bare.goals.resume('g')
  await bare.idle()
  const title = `${ABSENT} ${CONTINUES}`
  expect(await bare.goals.get('g')).toMatchObject({ status: 'waiting', wait: { type: 'code', title } })
  expect(await bare.inbox.list()).toMatchObject([{ kind: 'goal', goal: 'g', title }])
  await bare.stop()
  const changed = await open(program(z.object({ order: z.number() })).parts)
  await changed.idle()
  expect((await changed.goals.get('g')).wait).toMatchObject({ type: 'code', title: CHANGED })
  await changed.goals.resume('g')
  await changed.idle()
  expect((await changed.goals.get('g')).wait).toMatchObject({ type: 'code', title: CHANGED })
  await changed.stop()
  const whole = await open(parts)
  await whole.idle()
  expect(await whole.goals.get('g')).toMatchObject({ status: 'completed', answer: 'paid' })
  expect(calls).toEqual([{ order: 'a1' }])
})

test('a call that a person approves where its tool is missing waits, and is made once where the code is', async () => {
  const { parts, calls, agent } = program()
  const { runtime, open } = await openGoals(SCRIPT, '', parts)
  await runtime.conversations.post({ agent, conversation: 'talk', text: 'Pay a1 back.', id: 'mail-1' })
  await runtime.idle()
  await runtime.stop()
  const bare = await open({})
  const [gate] = await bare.inbox.list()
  await bare.runs.signal('talk.m1.1', (gate as { signal: string }).signal, { action: 'approve' })
  await bare.idle()
  const title = `${ABSENT} ${CONTINUES}`
  expect(await bare.inbox.list()).toMatchObject([{ kind: 'code', run: 'talk.m1.1', step: 'call_1', title }])
  expect((await bare.runs.get('talk.m1.1')).status).toBe('waiting')
  expect((await bare.runs.get('talk.m1.1')).steps.call_1).toMatchObject({ status: 'waiting', waits_for: 'code' })
  expect(await bare.inspector.why('talk.m1.1')).toMatchObject({ waitsFor: [{ holds: [{ type: 'code', title }] }] })
  expect(await bare.conversations.get('talk', 'mail-1')).toMatchObject({ status: 'waiting', for: 'code' })
  await expect(bare.runs.signal('talk.m1.1', 'code:', {})).rejects.toMatchObject({ code: 'invalid_input' })
  await bare.stop()
  expect(calls).toEqual([])
  const changed = await open(program(z.object({ order: z.number() })).parts)
  await changed.idle()
  expect(await changed.inbox.list()).toMatchObject([{ kind: 'code', title }])
  await changed.stop()
  const whole = await open(parts)
  await whole.idle()
  expect(await whole.conversations.get('talk', 'mail-1')).toMatchObject({ status: 'completed', answer: 'paid' })
  expect(calls).toEqual([{ order: 'a1' }])
  expect(await whole.inbox.list()).toEqual([])
})

test('a pipeline waits for a tool of a program, and a failure elsewhere ends its wait', async () => {
  const { parts, refund, calls } = program()
  const { runtime, open, write, path } = await openGoals([], '', parts)
  const approval = '{ id: ask, tool: approval-gate, parameters: { title: Pay? } }'
  const pay = '{ id: pay, depends_on: [ask], tool: refund, parameters: { order: a1 } }'
  const broken = '{ id: broken, depends_on: [other], tool: filesystem, action: read, parameters: { path: no.txt } }'
  const other = '{ id: other, tool: approval-gate, parameters: { title: Other? } }'
  write('pay.yaml', `name: pay\nsteps:\n  - ${approval}\n  - ${pay}\n`)
  write('both.yaml', `name: both\nsteps:\n  - ${approval}\n  - ${pay}\n  - ${other}\n  - ${broken}\n`)
  await runtime.runs.start({ file: path('pay.yaml'), id: 'one' })
  await runtime.runs.start({ file: path('both.yaml'), id: 'two' })
  await runtime.idle()
  await runtime.stop()
  const bare = await open({})
  for (const run of ['one', 'two']) await bare.runs.signal(run, 'ask', { action: 'approve' })
  await bare.idle()
  expect((await bare.inbox.list()).filter(({ kind }) => kind === 'code')).toHaveLength(2)
  await bare.runs.signal('two', 'other', { action: 'approve' })
  await bare.idle()
  expect(await bare.runs.get('two')).toMatchObject({ status: 'failed', steps: { pay: { status: 'skipped' } } })
  await bare.stop()
  const whole = await open({ tools: [refund] })
  await whole.idle()
  expect(await whole.runs.get('one')).toMatchObject({ status: 'completed' })
  expect(calls).toEqual([{ order: 'a1' }])
})

test('a playbook waits for a tool of a program, as calls of a model do', async () => {
  const { refund, calls } = program()
  const playbook = { description: 'Pays back', playbook: 'pay.yaml', approve: 'none' } as const
  const agent = defineAgent({ name: 'support', instructions: 'You help.', tools: [refund], ...playbook })
  const { runtime, open, write } = await openGoals([answer('never')], '', {})
  write('pay.yaml', PLAYBOOK)
  await runtime.stop()
  const first = await open({ agents: [agent] })
  await first.goals.start({ agent, goal: 'Pays back', id: 'g' })
  await first.idle()
  const gate = (await first.inbox.list())[0] as { readonly signal: string }
  await first.stop()
  const bare = await open({})
  await bare.runs.signal('g.playbook', gate.signal, { action: 'approve' })
  await bare.idle()
  expect(await bare.inbox.list()).toMatchObject([{ kind: 'code', run: 'g.playbook', step: 'pay' }])
  await bare.stop()
  const whole = await open({ agents: [agent] })
  await whole.idle()
  expect(await whole.goals.get('g')).toMatchObject({ status: 'completed' })
  expect(calls).toEqual([{ order: 'a1' }])
})

const PLAYBOOK = `name: pay
steps:
  - { id: ask, tool: approval-gate, parameters: { title: Pay? } }
  - { id: pay, depends_on: [ask], tool: refund, parameters: { order: a1 } }
outputs: { paid: "{{ pay.result.paid }}" }
`

test('the approval of a call in a playbook, and its wait for code, belong to the owner of the goal', async () => {
  const { refund } = program()
  const playbook = { description: 'Pays back', playbook: 'pay.yaml', approve: [refund] } as const
  const agent = defineAgent({ name: 'support', instructions: 'You help.', tools: [refund], ...playbook })
  const { runtime, open, write } = await openGoals([], '', {})
  write('pay.yaml', 'name: pay\nsteps:\n  - { id: pay, tool: refund, parameters: { order: a1 } }\n')
  await runtime.stop()
  const first = await open({ agents: [agent] })
  await first.goals.start({ agent, goal: 'Pays back', id: 'g', owner: 'shop-7' })
  await first.idle()
  expect(await first.inbox.list({ owner: 'local' })).toEqual([])
  expect(await first.inbox.list({ owner: 'shop-7' })).toMatchObject([{ kind: 'approval', owner: 'shop-7' }])
  await first.stop()
  const bare = await open({})
  await bare.runs.signal('g.playbook', 'call:pay', { action: 'approve' })
  await bare.idle()
  expect(await bare.inbox.list({ owner: 'shop-7' })).toMatchObject([{ kind: 'code', owner: 'shop-7' }])
})
