import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAgent } from '../../../../src/agent/definition/define-agent.ts'
import type { OnChange } from '../../../../src/agent/definition/definition.ts'
import type { Json } from '../../../../src/kernel/schema.ts'
import { gateOf } from '../../../../src/step/messages/call-names.ts'
import { until } from '../../../../src/testing/until.ts'
import { defineTool } from '../../../../src/tool/tool.ts'
import { answer, call, openGoals } from '../../goal/folder.ts'

type Deploy = {
  input?: z.ZodType
  output?: z.ZodObject
  name?: string
  onChange?: OnChange
  approve?: 'none' | 'default'
  /** a call ends when this resolves */
  held?: Promise<void>
}

/** A deploy of a shop: an agent with a tool that pays back, which notes its calls in `made`. */
function deploy(
  made: Json[],
  { input = ORDER, output, name = 'refund', onChange, approve = 'default', held }: Deploy = {},
) {
  const refund = defineTool({
    name,
    description: 'Pays an order back',
    effect: 'at-most-once',
    input,
    execute: async (given) => {
      const paid = made.push(given as Json)
      await held
      return { paid }
    },
  })
  const more = { ...(output && { output }), ...(onChange && { onChange }), approve }
  return { agents: [defineAgent({ name: 'support', instructions: 'You help.', tools: [refund], ...more })] }
}

const ORDER = z.object({ order: z.string() })
const WITH_REASON = ORDER.extend({ reason: z.string() })
const WITH_NOTE = ORDER.extend({ note: z.string().default('none') })
const ask = call('refund', { order: 'a1' })
const askAgain = call('refund', { order: 'a1', reason: 'broken' })

/** A goal whose call waits for a person, and what opens its folder with another deploy. */
async function waiting(script: Parameters<typeof openGoals>[0], first: Deploy = {}) {
  const made: Json[] = []
  const notices: string[] = []
  const opened = await openGoals(script, '', { ...deploy(made, first), notice: (line) => notices.push(line) })
  const { runtime, model } = opened
  await runtime.goals.start({ agent: 'support', goal: 'Pay a1 back.', id: 'g' })
  await runtime.idle()
  expect(await runtime.inbox.list()).toMatchObject([{ kind: 'approval', run: 'g.1' }])
  await runtime.stop()
  const open = async (next: Deploy) => {
    notices.length = 0
    const now = await opened.open(deploy(made, next))
    await now.idle()
    return now
  }
  return { made, notices, open, model, bare: () => opened.open({}) }
}

type Runtime = Awaited<ReturnType<Awaited<ReturnType<typeof openGoals>>['open']>>

async function approve(runtime: Runtime, run: string) {
  const [gate] = await runtime.inbox.list({ run })
  await runtime.runs.signal(run, (gate as { signal: string }).signal, { action: 'approve' })
  await runtime.idle()
}

const CHANGE = 'refund input: + reason (required)'

test('one answer lets a call that does not fit any more go back to its model, which calls again', async () => {
  const { made, notices, open, model } = await waiting([ask, askAgain, answer('paid')])
  const next = await open({ input: WITH_REASON })
  expect(notices).toEqual([
    `1 goal of support may not go on with code that has changed until you say so: ${CHANGE}. To go on with the new code: antiphon agent resume --all --with-new-code`,
  ])
  expect(await next.goals.adopt()).toEqual({
    changes: [{ agent: 'support', outcome: 'goes-on', changes: [CHANGE], goals: ['g'] }],
  })
  await next.idle()
  const [, second] = model.calls
  expect(second!.prompt).toContain('refund has changed, parameters.reason')
  expect(second!.prompt).toContain(`The program has changed since this work began: ${CHANGE}.`)
  expect(second!.prompt).not.toContain('rejected the call')
  expect(second!.options.tools?.filter(({ name }) => name === 'refund')).toMatchObject([
    { inputSchema: { required: ['order', 'reason'] } },
  ])
  expect(made).toEqual([])
  expect(await next.access.audit.list({ of: 'acts' })).toMatchObject([{ what: 'withdrawn', run: 'g.1' }])
  await approve(next, 'g.2')
  expect(made).toEqual([{ order: 'a1', reason: 'broken' }])
  const goal = await next.goals.get('g')
  expect(goal).toMatchObject({ status: 'completed', answer: 'paid', changed: [CHANGE] })
  expect(goal.rounds[0]!.calls).toMatchObject([{ parameters: { order: 'a1' }, outcome: 'failed' }])
  expect(await next.goals.adopt()).toEqual({ changes: [] })
})

test('a call that is approved before the answer waits and shows the difference, and is not made with parameters that do not fit', async () => {
  const { made, open } = await waiting([ask, askAgain, answer('paid')])
  const next = await open({ input: WITH_REASON })
  await approve(next, 'g.1')
  const title = `The tool refund has changed since the call was asked for: ${CHANGE}. To go on with the new code: antiphon agent resume --all --with-new-code`
  expect(await next.inbox.list()).toMatchObject([{ kind: 'code', run: 'g.1', title, changes: [CHANGE] }])
  await next.goals.adopt({ goal: 'g' })
  await next.idle()
  expect(made).toEqual([])
  expect((await next.goals.get('g')).rounds[0]!.calls).toMatchObject([{ outcome: 'failed' }])
  await approve(next, 'g.2')
  expect(made).toEqual([{ order: 'a1', reason: 'broken' }])
})

test('a call that still fits keeps its gate, which shows what is made, and needs no second answer', async () => {
  const { made, open, model } = await waiting([ask, answer('paid')])
  const next = await open({ input: WITH_NOTE })
  await next.goals.adopt()
  await next.idle()
  await next.stop()
  const later = await open({ input: WITH_NOTE })
  expect(await later.inbox.list()).toMatchObject([{ kind: 'approval', run: 'g.1', content: { order: 'a1' } }])
  await approve(later, 'g.1')
  expect(made).toEqual([{ order: 'a1', note: 'none' }])
  expect(model.calls).toHaveLength(2)
  expect(await later.goals.get('g')).toMatchObject({ status: 'completed' })
})

test('a call that is made again after a settlement, and is cut off again, waits for a person again', async () => {
  const { made, open } = await waiting([ask, answer('paid')])
  const cutOff = { input: WITH_NOTE, held: new Promise<void>(() => {}) }
  const first = await open({ input: WITH_NOTE })
  await first.goals.adopt()
  await first.stop()
  const next = await open(cutOff)
  await next.runs.signal('g.1', gateOf('call_1'), { action: 'approve' })
  await until(() => made.length === 1)
  await next.stop({ grace: 0 })
  const again = await open(cutOff)
  await until(async () => (await again.inbox.list()).length === 1)
  await again.runs.settle('g.1', 'call_1', { outcome: 'not-done' })
  await until(() => made.length === 2)
  await again.stop({ grace: 0 })
  const last = await open({ input: WITH_NOTE })
  expect(await last.inbox.list()).toMatchObject([{ kind: 'unknown', run: 'g.1' }])
  expect(made).toHaveLength(2)
})

test('the model learns that a tool is gone, and the tool in its place waits for a person', async () => {
  const { made, notices, open, model } = await waiting([ask, call('pay-back', { order: 'a1' }), answer('paid')])
  const next = await open({ name: 'pay-back', onChange: 'adopt' })
  expect(notices).toEqual(['1 goal of support may go on with code that has changed: refund: gone; pay-back: new.'])
  expect(model.calls[1]!.prompt).toContain('The call was not made: the tool refund is gone.')
  expect(model.calls[1]!.options.tools?.map(({ name }) => name)).not.toContain('refund')
  expect(made).toEqual([])
  await approve(next, 'g.2')
  expect(made).toEqual([{ order: 'a1' }])
  expect(await next.goals.get('g')).toMatchObject({ status: 'completed', changed: ['refund: gone', 'pay-back: new'] })
})

test('an approved call of a tool that is gone fails', async () => {
  const { made, open } = await waiting([ask, answer('gone')])
  const next = await open({ name: 'pay-back' })
  await approve(next, 'g.1')
  expect(await next.inbox.list()).toMatchObject([{ kind: 'code', changes: ['refund: gone', 'pay-back: new'] }])
  await next.goals.adopt({ agent: 'support' })
  await next.idle()
  expect(made).toEqual([])
  const { rounds, status } = await next.goals.get('g')
  expect(status).toBe('completed')
  expect(rounds[0]!.calls).toMatchObject([{ outcome: 'failed', result: expect.stringContaining('no longer exists') }])
})

test('a goal waits for the old code where its agent says so, and refuses the answer', async () => {
  const { made, notices, open } = await waiting([ask, answer('paid')])
  const next = await open({ input: WITH_REASON, onChange: 'finish-old' })
  expect(notices).toEqual([`1 goal of support may wait for the old code: ${CHANGE}.`])
  expect(await next.goals.adopt()).toMatchObject({ changes: [{ outcome: 'keeps', goals: ['g'] }] })
  await approve(next, 'g.1')
  expect(await next.inbox.list()).toMatchObject([{ kind: 'code', title: expect.stringContaining('It continues when') }])
  expect(made).toEqual([])
  await next.stop()
  const old = await open({})
  expect(made).toEqual([{ order: 'a1' }])
  expect(await old.goals.get('g')).toMatchObject({ status: 'completed' })
})

test('a process without code refuses the answer', async () => {
  const { bare } = await waiting([ask, answer('paid')])
  const runtime = await bare()
  expect(await runtime.goals.adopt()).toMatchObject({ changes: [{ outcome: 'lacks', goals: ['g'] }] })
  expect((await runtime.goals.get('g')).changed).toBeUndefined()
})

const OUTPUT = z.object({ refunded: z.boolean() })

test('a goal whose output has changed answers in the new form', async () => {
  const final = call('final_answer', { refunded: true, reason: 'broken' })
  const { made, open } = await waiting([ask, final], { output: OUTPUT })
  const next = await open({ output: OUTPUT.extend({ reason: z.string() }) })
  await approve(next, 'g.1')
  expect(made).toEqual([{ order: 'a1' }])
  expect(await next.inbox.list()).toMatchObject([{ kind: 'goal', goal: 'g', changes: ['output: + reason (required)'] }])
  await next.goals.adopt()
  await next.idle()
  const goal = await next.goals.get('g')
  expect(goal).toMatchObject({ status: 'completed', output: { refunded: true, reason: 'broken' } })
  expect(made).toHaveLength(1)
})

test('a goal that has not asked its model yet takes the new code without an answer', async () => {
  const made: Json[] = []
  const { runtime, open } = await openGoals([ask, askAgain], '', deploy(made))
  const about = { agent: 'support', conversation: 'talk', onBusy: 'queue' } as const
  await runtime.conversations.post({ ...about, text: 'Pay a1 back.' })
  await runtime.idle()
  await runtime.conversations.post({ ...about, text: 'Pay it again.', id: 'mail-2' })
  await runtime.stop()
  const next = await open(deploy(made, { input: WITH_REASON }))
  await next.goals.cancel('talk.m1', 'not needed')
  await next.idle()
  expect(await next.goals.get('talk.m2')).toMatchObject({ changed: [CHANGE], rounds: [{ round: 1 }] })
  expect(await next.inbox.list()).toMatchObject([{ kind: 'approval', run: 'talk.m2.1', content: { reason: 'broken' } }])
})

test('the answer of one owner changes no goals of another', async () => {
  const { open } = await waiting([ask, answer('paid')])
  const next = await open({ input: WITH_NOTE })
  expect(await next.goals.adopt({ owner: 'ann' })).toEqual({ changes: [] })
  await expect(next.goals.adopt({ owner: 'ann', goal: 'g' })).rejects.toMatchObject({ code: 'not_found' })
  expect((await next.goals.get('g')).changed).toBeUndefined()
})

test('a call that is open after its goal has ended goes back to the model in a message of its own', async () => {
  const made: Json[] = []
  const script = [
    ask,
    { match: (prompt: string) => !prompt.includes('has changed'), ...answer('I will tell you.') },
    askAgain,
    answer('paid'),
  ]
  const { runtime, open, model } = await openGoals(script, '', deploy(made))
  const about = { agent: 'support', conversation: 'talk' }
  await runtime.conversations.post({ ...about, text: 'Pay a1 back.' })
  await runtime.idle()
  expect(await runtime.conversations.send({ ...about, text: 'Well?' })).toMatchObject({ open: [{ tool: 'refund' }] })
  await runtime.idle()
  await runtime.stop()
  const next = await open(deploy(made, { input: WITH_REASON }))
  expect(await next.goals.adopt()).toMatchObject({ changes: [{ outcome: 'goes-on', goals: ['talk.m1'] }] })
  await next.idle()
  expect(model.calls.at(-1)!.prompt).toContain('refund has changed, parameters.reason')
  const [gate] = await next.inbox.list()
  expect(gate).toMatchObject({ kind: 'approval', content: { order: 'a1', reason: 'broken' } })
  await approve(next, (gate as { run: string }).run)
  expect(made).toEqual([{ order: 'a1', reason: 'broken' }])
})

test('a further message is answered with the new code, and the call that waits is still decided by a person', async () => {
  const made: Json[] = []
  const opened = await openGoals([ask, answer('Wait.'), answer('It is paid.')], '', deploy(made))
  const send = (runtime: Runtime, id: string) =>
    runtime.conversations.send({ conversation: 'shop', agent: 'support', text: `Message ${id}`, id })
  await opened.runtime.conversations.post({ conversation: 'shop', agent: 'support', text: 'Pay a1 back.', id: 'm1' })
  await opened.runtime.idle()
  await opened.runtime.stop()
  const next = await opened.open(deploy(made, { input: WITH_NOTE }))
  expect(await send(next, 'm2')).toMatchObject({ status: 'completed', answer: 'Wait.', open: [{ run: 'shop.m1.1' }] })
  expect(made).toEqual([])
  await approve(next, 'shop.m1.1')
  await until(async () => (await next.threads.get('shop')).asks[2]?.status === 'completed')
  expect(made).toEqual([{ order: 'a1', note: 'none' }])
  expect((await next.goals.get('shop.m1')).rounds[0]!.calls).toMatchObject([
    { outcome: 'pending', late: { outcome: 'succeeded' } },
  ])
})

test('a further message to a goal that waits for code is answered, unless its agent says finish-old', async () => {
  const made: Json[] = []
  const look = { ...call('refund', { order: 'a1' }) }
  for (const onChange of ['ask', 'finish-old'] as const) {
    const opened = await openGoals([look, answer('Both.')], '', deploy(made, { approve: 'default', onChange }))
    await opened.runtime.conversations.post({ conversation: 'shop', agent: 'support', text: 'Pay.', id: 'm1' })
    await opened.runtime.idle()
    await opened.runtime.stop()
    const next = await opened.open(deploy(made, { input: WITH_REASON, onChange }))
    await next.runs.cancel('shop.m1.1', 'too old')
    await until(async () => (await next.goals.get('shop.m1')).wait?.type === 'code')
    const message = { conversation: 'shop', agent: 'support', text: 'And?', id: 'm2' }
    const sent = next.conversations.send(message, onChange === 'ask' ? {} : { timeout: 500 })
    expect(await sent).toMatchObject(onChange === 'ask' ? { answer: 'Both.' } : { status: 'waiting', for: 'code' })
  }
})

test('an approved call whose tool is gone may be made again with the tool that took its place', async () => {
  const made: Json[] = []
  const again = call('pay-back', { order: 'a1' })
  const opened = await openGoals([ask, { ...answer('Wait.'), times: 1 }, again, answer('Paid.')], '', deploy(made))
  await opened.runtime.conversations.post({ conversation: 'shop', agent: 'support', text: 'Pay a1 back.', id: 'm1' })
  await opened.runtime.idle()
  await opened.runtime.conversations.send({ conversation: 'shop', agent: 'support', text: 'And?', id: 'm2' })
  await opened.runtime.stop()
  const next = await opened.open(deploy(made, { name: 'pay-back' }))
  await approve(next, 'shop.m1.1')
  await next.goals.adopt()
  await until(() => opened.model.calls.length === 3)
  expect(opened.model.calls[2]!.prompt).toContain('A call that has failed may be made again, as its tool is now.')
  await until(async () => (await next.inbox.list()).some(({ kind }) => kind === 'approval'))
  await approve(next, 'shop.m3.1')
  await until(async () => (await next.threads.get('shop')).asks.every(({ status }) => status === 'completed'))
  expect(made).toEqual([{ order: 'a1' }])
})

test('calls of the code before a change do not count as repetitions', async () => {
  const withInput = (input: z.ZodType) => ({
    agents: [
      defineAgent({
        name: 'support',
        instructions: 'You help.',
        tools: [
          defineTool({
            ...{ name: 'look', description: 'Looks an order up', effect: 'idempotent', approve: true },
            input,
            execute: () => 'nothing',
          }),
        ],
      }),
    ],
  })
  const opened = await openGoals([call('look', { order: 'a1' }, 3), answer('none')], '', withInput(ORDER))
  await opened.runtime.goals.start({ agent: 'support', goal: 'Find a1.', id: 'g' })
  await opened.runtime.idle()
  await approve(opened.runtime, 'g.1')
  await approve(opened.runtime, 'g.2')
  await opened.runtime.stop()
  const next = await opened.open(withInput(WITH_NOTE))
  await next.goals.adopt()
  await next.idle()
  await approve(next, 'g.3')
  expect(await next.goals.get('g')).toMatchObject({ status: 'completed' })
  const last = opened.model.calls.at(-1)!
  expect(last.prompt).toContain('The program has changed')
  expect(last.prompt).not.toContain('three times')
})
