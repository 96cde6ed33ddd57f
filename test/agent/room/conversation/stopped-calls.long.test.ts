import { mkdirSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { defineTool } from '../../../../src/index.ts'
import type { Runtime } from '../../../../src/runtime/ports.ts'
import type { Settlement } from '../../../../src/step/messages/settlement.ts'
import { gate } from '../../../../src/testing/gate.ts'
import { until } from '../../../../src/testing/until.ts'
import { CLERK, openGoals, answer as repeated } from '../../goal/folder.ts'

const answer = (text: string) => ({ ...repeated(text), times: 1 })
const input = z.object({ to: z.string() })
const INTERRUPTED = 'the call was interrupted while it was made; what it did is not known'
const MADE = { name: 'pay', input: { to: 'harbour' } }

/** Tools of a program: `pay` hears no signal, and is held until the end of the test. */
function tools(effect: 'at-most-once' | 'idempotent' = 'at-most-once') {
  const held = gate()
  onTestFinished(() => held.release())
  const paid: string[] = []
  const pay = defineTool({
    ...{ name: 'pay', description: 'Pays', input, effect },
    async execute({ to }) {
      paid.push(to)
      await held.pass()
      return { paid: to }
    },
  })
  const look = defineTool({
    ...{ name: 'look', description: 'Looks', input, effect: 'pure' },
    execute: ({ to }) => `saw ${to}`,
  })
  const sell = defineTool({
    ...{ name: 'sell', description: 'Sells', input, effect: 'at-most-once', approve: true },
    execute: ({ to }) => `sold ${to}`,
  })
  return { paid, all: [pay, look, sell], began: () => until(() => paid.length > 0) }
}

const agent = { ...CLERK, tools: ['pay', 'look', 'sell'], approve: 'none' as const }
const message = (text: string, id: string, more: object = {}) => ({ conversation: 'talk', agent, text, id, ...more })
const calls = (...all: { name: string; input: { to: string } }[]) => ({
  calls: all,
  times: 1,
  usage: { input: 1, output: 1 },
})

/** What the model is told about the calls of the first message. */
const callsOf = async (runtime: Runtime) => (await runtime.goals.get('talk.m1')).rounds[0]!.calls

describe('the request after a stop', () => {
  it.each([['stop'], ['interrupt']])('says what each call did: %s', async (how) => {
    const { all, paid, began } = tools()
    const other = { to: 'b' }
    const script = [
      calls(MADE, { name: 'look', input: other }, { name: 'sell', input: other }),
      answer('We will see.'),
      answer('It was paid.'),
    ]
    const { runtime, model } = await openGoals(script, '', { tools: all })
    await runtime.conversations.post(message('Pay.', 'm1'))
    await began()
    await until(async () => (await runtime.inbox.list()).length === 1)
    await until(async () => (await runtime.runs.get('talk.m1.1')).steps.call_2?.status === 'completed')
    if (how === 'stop') await runtime.conversations.stop('talk')
    const onBusy = how === 'interrupt' ? { onBusy: 'interrupt' } : {}
    const second = await runtime.conversations.send(message('Did you pay?', 'm2', onBusy))
    expect(second).toMatchObject({ status: 'completed', answer: 'We will see.' })
    const { prompt } = model.calls[1]!
    expect(prompt).toContain(`unknown: ${INTERRUPTED}; a person is asked"`)
    expect(prompt).toContain('saw b')
    expect(prompt).toContain('cancelled: the call was not made"')
    expect(await callsOf(runtime)).toMatchObject([
      { outcome: 'unknown' },
      { outcome: 'succeeded' },
      { outcome: 'cancelled', result: 'the call was not made' },
    ])
    // the goal has ended, and a person is asked
    const [item, ...others] = await runtime.inbox.list()
    expect(others).toEqual([])
    expect(item).toMatchObject({
      ...{ kind: 'goal', goal: 'talk.m1', expects: { type: 'resume' } },
      title: expect.stringContaining('unknown whether this call was made: pay {"to":"harbour"}'),
    })
    expect(await runtime.goals.list()).toMatchObject([{ id: 'talk.m2' }, { id: 'talk.m1', status: 'cancelled' }])
    await runtime.goals.resume('talk.m1', { text: 'Paid, receipt 17.' })
    expect(await runtime.inbox.list()).toEqual([])
    // what the person found begins a message, and the history stays as it was
    await until(async () => (await runtime.threads.get('talk')).asks[2]?.status === 'completed')
    expect((await runtime.threads.get('talk')).asks[2]).toMatchObject({
      ...{ answer: 'It was paid.', resultOf: { run: 'talk.m1.1', calls: ['call_1'] } },
    })
    expect(model.calls[2]!.prompt).toContain('A person says: Paid, receipt 17.')
    expect(model.calls[2]!.prompt).toContain(`unknown: ${INTERRUPTED}; a person is asked"`)
    expect(paid).toEqual(['harbour'])
    await expect(runtime.goals.resume('talk.m1', { text: 'Again.' })).rejects.toMatchObject({ code: 'goal_over' })
  })

  it.each([
    ['an agent that tells its model', 'at-most-once', { onUnknown: 'tell' }, 'unknown'],
    ['a call that may be repeated', 'idempotent', {}, 'cancelled'],
  ] as const)('asks nobody for %s', async (_, effect, more, outcome) => {
    const { all, began } = tools(effect)
    const { runtime, model } = await openGoals([calls(MADE), answer('ok')], '', { tools: all })
    const told = { agent: { ...agent, ...more } }
    await runtime.conversations.post(message('Pay.', 'm1', told))
    await began()
    await runtime.conversations.stop('talk')
    await runtime.conversations.send(message('Did you pay?', 'm2', told))
    expect(model.calls[1]!.prompt).toContain(`${outcome}: ${INTERRUPTED}"`)
    expect(await runtime.inbox.list()).toEqual([])
  })

  it('says so in another process, too, and for two messages at once', async () => {
    const { all, began } = tools()
    const script = [calls(MADE), answer('one'), answer('two')]
    const { runtime, open, model } = await openGoals(script, '', { tools: all })
    await runtime.conversations.post(message('Pay.', 'm1'))
    await began()
    await runtime.conversations.stop('talk')
    await runtime.stop({ grace: 0 })
    const next = await open()
    const both = ['m2', 'm3'].map((id) =>
      next.conversations.send(message(`Did you pay? ${id}`, id, { onBusy: 'queue' })),
    )
    expect(await Promise.all(both)).toMatchObject([{ answer: 'one' }, { answer: 'two' }])
    for (const { prompt } of model.calls.slice(1)) expect(prompt).toContain(`${INTERRUPTED}; a person is asked`)
    expect(await next.inbox.list()).toMatchObject([{ goal: 'talk.m1' }])
  })

  it('says what a person found about each call', async () => {
    const { all, began } = tools()
    const script = [calls(MADE, MADE, MADE), ...['one', 'two', 'three', 'four'].map(answer)]
    const { runtime, model } = await openGoals(script, '', { tools: all })
    await runtime.conversations.post(message('Pay.', 'm1'))
    await began()
    await until(async () => (await runtime.runs.get('talk.m1.1')).steps.call_3?.status === 'running')
    await runtime.conversations.stop('talk')
    await runtime.conversations.send(message('Did you pay?', 'm2'))
    const settle = (call: string, settlement: Settlement, id?: string) =>
      runtime.goals.settle('talk.m1', call, settlement, id === undefined ? {} : { id })
    await settle('call_1', { outcome: 'done', result: { receipt: 17 } }, 's1')
    await settle('call_1', { outcome: 'done', result: { receipt: 17 } }, 's1')
    await expect(settle('call_1', { outcome: 'fail' })).rejects.toMatchObject({ code: 'not_waiting' })
    await settle('call_2', { outcome: 'not-done' })
    expect(await runtime.inbox.list()).toMatchObject([{ goal: 'talk.m1' }])
    await settle('call_3', { outcome: 'fail' })
    expect(await runtime.inbox.list()).toEqual([])
    expect(await callsOf(runtime)).toMatchObject([
      { outcome: 'unknown', late: { outcome: 'succeeded', result: '{"receipt":17}' } },
      { outcome: 'unknown', late: { outcome: 'cancelled', result: 'the call was not made' } },
      { outcome: 'unknown', late: { outcome: 'failed', result: 'a person settled it as failed' } },
    ])
    // each finding is a message, and one that comes while another is answered may join it
    await until(async () => (await runtime.threads.get('talk')).asks.length === 5)
    await until(async () => (await runtime.threads.get('talk')).status === 'completed')
    // between two answers the conversation rests for a moment
    await expect.poll(() => model.calls.at(-1)!.prompt).toContain('a person settled it as failed')
    expect(model.calls.at(-1)!.prompt).toContain('{"receipt":17}')
  })

  it('says that a person is asked about a call that a kill had cut off before', async () => {
    const { all, began } = tools()
    const { runtime, open, model } = await openGoals([calls(MADE), answer('one')], '', { tools: all })
    await runtime.conversations.post(message('Pay.', 'm1'))
    await began()
    await runtime.stop({ grace: 0 })
    const next = await open()
    await next.conversations.post(message('Pay.', 'm1'))
    await until(async () => (await next.inbox.list()).length === 1)
    expect(await next.inbox.list()).toMatchObject([{ kind: 'unknown', run: 'talk.m1.1' }])
    await next.conversations.send(message('Did you pay?', 'm2', { onBusy: 'interrupt' }))
    expect(model.calls[1]!.prompt).toContain(`unknown: ${INTERRUPTED}; a person is asked"`)
    expect(await next.inbox.list()).toMatchObject([{ kind: 'goal', goal: 'talk.m1' }])
  })

  it('says so in a goal that continues the stopped one, too', async () => {
    const { all, began } = tools()
    const { runtime, model } = await openGoals([calls(MADE), answer('ok')], '', { tools: all })
    await runtime.goals.start({ agent, goal: 'Pay.', id: 'g' })
    await began()
    await runtime.goals.cancel('g', 'enough')
    await runtime.goals.fork('g', { id: 'h' })
    await until(async () => (await runtime.goals.get('h')).status === 'completed')
    expect(model.calls[1]!.prompt).toContain(`unknown: ${INTERRUPTED}"`)
    // the person who cancelled it sees the outcome, and no conversation goes on
    expect(await runtime.inbox.list()).toEqual([])
  })

  it('says which steps of a playbook were done', async () => {
    const { all, began } = tools()
    const { runtime, write, model } = await openGoals([answer('one'), answer('two')], '', { tools: all })
    write(
      'tidy.yaml',
      `name: tidy
inputs: { to: { type: string } }
steps:
  - { id: seen, tool: look, parameters: { to: "{{ to }}" } }
  - { id: paid, tool: pay, parameters: { to: "{{ to }}" }, depends_on: [seen] }
  - { id: sold, tool: sell, parameters: { to: "{{ to }}" }, depends_on: [paid] }
`,
    )
    const follows = { ...agent, description: 'Pays the dues of a harbour', playbook: 'tidy.yaml' }
    await runtime.conversations.post(message('Pay the dues of a harbour\nto: b', 'm1', { agent: follows }))
    await began()
    await runtime.conversations.stop('talk')
    await runtime.conversations.send(message('Did you?', 'm2'))
    const { prompt } = model.calls[0]!
    expect(prompt).toContain('The playbook clerk was stopped. Interrupted, and what they did is not known: paid.')
    expect(prompt).toContain('Done: seen {"to":"b"}. What paid did is not known; a person is asked.')
    expect(prompt).not.toContain('sold')
    await runtime.goals.tell('talk.m1', 'It was paid.')
    expect(await runtime.inbox.list()).toEqual([])
    await runtime.conversations.send(message('And now?', 'm3'))
    expect(model.calls[1]!.prompt).toContain('A person says: It was paid.')
  })

  it('shows the calls of the agent to whom the goal was handed over', async () => {
    const { all, began } = tools()
    const handOff = { calls: [{ name: 'hand_off_payer', input: {} }], times: 1, usage: { input: 1, output: 1 } }
    const script = [handOff, calls(MADE), answer('one')]
    const { runtime, path, write, model } = await openGoals(script, '', { tools: all })
    mkdirSync(path('agents'))
    write('agents/lead.md', '---\ndescription: Leads\nagents: [payer]\n---\nYou lead.')
    write('agents/payer.md', '---\ndescription: Pays\ntools: [pay]\napprove: none\n---\nYou pay.')
    await runtime.conversations.post(message('Pay.', 'm1', { agent: 'lead' }))
    await began()
    await runtime.conversations.stop('talk')
    await runtime.conversations.send(message('Did you pay?', 'm2', { agent: 'lead' }))
    expect(model.calls[2]!.prompt).toContain(`unknown: ${INTERRUPTED}; a person is asked"`)
    expect(await runtime.inbox.list()).toMatchObject([{ kind: 'goal', goal: 'talk.m1.1.hand_off' }])
  })
})
