import { mkdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineTool } from '../../../../src/index.ts'
import type { Runtime } from '../../../../src/runtime/ports.ts'
import { gate } from '../../../../src/testing/gate.ts'
import { until } from '../../../../src/testing/until.ts'
import { CLERK, openGoals, answer as repeated } from '../../goal/folder.ts'

const answer = (text: string) => ({ ...repeated(text), times: 1 })
const input = z.object({ order: z.string() })

/** `refund` waits for a person; `look` does not. */
function tools() {
  const paid: string[] = []
  const refund = defineTool({
    ...{ name: 'refund', description: 'Pays money back', input, effect: 'at-most-once', approve: true },
    async execute({ order }) {
      paid.push(order)
      return { refunded: order }
    },
  })
  const look = defineTool({
    ...{ name: 'look', description: 'Looks', input, effect: 'pure' },
    execute: ({ order }) => `order ${order} is here`,
  })
  return { paid, all: [refund, look] }
}

const agent = { ...CLERK, tools: ['refund', 'look'], approve: 'none' as const }
const message = (text: string, id: string, more: object = {}) => ({ conversation: 'shop', agent, text, id, ...more })
const calls = (...all: { name: string; input: { order: string } }[]) => ({
  calls: all,
  times: 1,
  usage: { input: 1, output: 1 },
})
const REFUND = { name: 'refund', input: { order: '7' } }

const isAsked = async (runtime: Runtime, count = 1) => until(async () => (await runtime.inbox.list()).length === count)

async function decide(runtime: Runtime, value: object, at = 0) {
  const item = (await runtime.inbox.list())[at]!
  if (item.kind !== 'approval') throw new Error(`Expected an approval, got ${item.kind}.`)
  await runtime.runs.signal(item.run, item.signal, value as never)
}

const asksOf = async (runtime: Runtime, count: number) => {
  await until(async () => (await runtime.threads.get('shop')).asks.length === count)
  await until(async () => (await runtime.threads.get('shop')).status !== 'running')
  return (await runtime.threads.get('shop')).asks
}

describe('a message while a call waits for a person', () => {
  it('is answered, and the result of the call is a message of its own', async () => {
    const { all, paid } = tools()
    const script = [
      calls(REFUND, { name: 'look', input: { order: '7' } }),
      answer('Staff will decide. We open at nine.'),
      answer('Your money is on its way.'),
    ]
    const { runtime, model } = await openGoals(script, '', { tools: all })
    await runtime.conversations.post(message('Refund order 7.', 'm1'))
    await isAsked(runtime)
    const second = await runtime.conversations.send(message('When do you open?', 'm2'))
    expect(second).toMatchObject({
      ...{ status: 'completed', answer: 'Staff will decide. We open at nine.' },
      open: [{ tool: 'refund', run: 'shop.m1.1', call: 'call_1', signal: 'call:call_1' }],
    })
    const shown = model.calls[1]!.prompt
    expect(shown).toContain('The call waits for a person and has not been made. Its result will come.')
    expect(shown).toContain('order 7 is here')
    expect(shown).toContain('A person says: When do you open?')
    expect(await runtime.goals.get('shop.m1')).toMatchObject({ status: 'completed' })
    expect(await runtime.inbox.list()).toMatchObject([{ run: 'shop.m1.1' }])
    expect(paid).toEqual([])

    await decide(runtime, { action: 'approve' })
    const asks = await asksOf(runtime, 3)
    expect(paid).toEqual(['7'])
    expect(asks[2]).toMatchObject({
      ...{ status: 'completed', answer: 'Your money is on its way.', goal: 'shop.m3' },
      resultOf: { run: 'shop.m1.1', calls: ['call_1'] },
    })
    const { prompt } = model.calls[2]!
    expect(prompt).toContain('This is the result of an earlier call, not a message of the user.')
    expect(prompt).toContain('refund {"order":"7"}')
    expect(prompt).toContain('{"refunded":"7"}')
    // the beginning of the request stays as it was
    expect(prompt).toContain('The call waits for a person and has not been made. Its result will come.')
    const [round] = (await runtime.goals.get('shop.m1')).rounds
    expect(round!.calls[0]).toMatchObject({ outcome: 'pending', late: { outcome: 'succeeded' } })
    expect((await runtime.conversations.get('shop', 'm2')) as object).not.toHaveProperty('open')
  })
})

describe('the result of an open call', () => {
  const opened = async (
    script: Parameters<typeof openGoals>[0],
    asked: readonly { order: string }[] = [{ order: '7' }],
  ) => {
    const { all, paid } = tools()
    const first = calls(...asked.map((input) => ({ name: 'refund', input })))
    const folder = await openGoals([first, ...script], '', { tools: all })
    await folder.runtime.conversations.post(message('Refund.', 'm1'))
    await isAsked(folder.runtime, asked.length)
    await folder.runtime.conversations.send(message('And?', 'm2'))
    return { ...folder, paid }
  }

  it('comes for each call when it is decided: approved, rejected, changed', async () => {
    const script = ['Wait.', 'One is paid.', 'One is rejected.', 'One was changed.'].map(answer)
    const orders = ['1', '2', '3'].map((order) => ({ order }))
    const { runtime, model, paid } = await opened(script, orders)
    await decide(runtime, { action: 'approve' })
    await asksOf(runtime, 3)
    expect(model.calls[2]!.prompt).toContain('refund {"order":"1"}')
    expect(model.calls[2]!.prompt).not.toContain('Its outcome is: succeeded.\n<result>\nrefund {"order":"2"}')
    await decide(runtime, { action: 'reject', reason: 'too old' })
    await asksOf(runtime, 4)
    expect(model.calls[3]!.prompt).toContain('a person rejected the call: too old')
    await decide(runtime, { action: 'modify', content: { order: '33' } })
    await asksOf(runtime, 5)
    expect(model.calls[4]!.prompt).toContain('A person changed the call. You had asked for {"order":"3"}')
    expect(paid).toEqual(['1', '33'])
    expect((await runtime.goals.get('shop.m1')).rounds[0]!.calls).toMatchObject([
      { outcome: 'pending', late: { outcome: 'succeeded' } },
      { outcome: 'pending', late: { outcome: 'rejected' } },
      { outcome: 'pending', late: { outcome: 'succeeded' }, parameters: { order: '33' }, asked: { order: '3' } },
    ])
  })

  it('steers the goal that answers a later message', async () => {
    const held = gate()
    const script = [
      answer('Wait.'),
      { ...calls({ name: 'look', input: { order: '8' } }), gate: held.pass() },
      answer('Both.'),
    ]
    const { runtime, model } = await opened(script)
    const third = runtime.conversations.send(message('Look at order 8.', 'm3'))
    await until(() => model.calls.length === 3)
    await decide(runtime, { action: 'approve' })
    await until(async () => (await runtime.threads.get('shop')).asks.length === 4)
    held.release()
    expect(await third).toMatchObject({ answer: 'Both.' })
    expect(await asksOf(runtime, 4)).toMatchObject([{}, {}, {}, { status: 'completed', goal: 'shop.m3' }])
    expect(model.calls[3]!.prompt).toContain('This is the result of an earlier call, not a message of the user.')
    expect(model.calls[3]!.prompt).not.toContain('A person says: This is the result')
  })

  it('comes after a stop of the conversation, and after a restart', async () => {
    const { runtime, open, paid } = await opened([answer('Wait.'), answer('Paid.')])
    await runtime.conversations.stop('shop')
    await runtime.stop({ grace: 0 })
    const next = await open()
    expect(await next.conversations.get('shop', 'm1')).toMatchObject({ open: [{ tool: 'refund', run: 'shop.m1.1' }] })
    await decide(next, { action: 'approve' })
    expect((await asksOf(next, 3))[2]).toMatchObject({ answer: 'Paid.' })
    expect(paid).toEqual(['7'])
  })

  it('says that a call was cancelled with its run', async () => {
    const { runtime, model, paid } = await opened([answer('Wait.'), answer('It will not be paid.')])
    await runtime.runs.cancel('shop.m1.1', 'not today')
    await asksOf(runtime, 3)
    expect(model.calls[2]!.prompt).toContain('Its outcome is: cancelled.')
    expect(paid).toEqual([])
  })

  it('keeps its thread from removal, and its goal from retention', async () => {
    const { runtime } = await opened([answer('Wait.'), answer('Paid.')])
    await expect(runtime.threads.remove('shop')).rejects.toMatchObject({ code: 'thread_at_work' })
    await decide(runtime, { action: 'approve' })
    await asksOf(runtime, 3)
    await runtime.threads.remove('shop')
    expect(await runtime.goals.list()).toEqual([])
  })

  it('never comes after the erasure of its owner', async () => {
    const { runtime, model, paid } = await opened([answer('Wait.'), answer('Never.')])
    await runtime.erasures.forget('local')
    expect(await runtime.threads.list()).toEqual([])
    expect(await runtime.goals.list()).toEqual([])
    expect(model.calls).toHaveLength(2)
    expect(paid).toEqual([])
  })

  it('comes from a goal that was handed over', async () => {
    const { all, paid } = tools()
    const handOff = { calls: [{ name: 'hand_off_payer', input: {} }], times: 1, usage: { input: 1, output: 1 } }
    const script = [handOff, calls(REFUND), answer('Wait.'), answer('Paid.')]
    const { runtime, path, write } = await openGoals(script, '', { tools: all })
    mkdirSync(path('agents'))
    write('agents/lead.md', '---\ndescription: Leads\nagents: [payer]\n---\nYou lead.')
    write('agents/payer.md', '---\ndescription: Pays\ntools: [refund]\n---\nYou pay.')
    await runtime.conversations.post(message('Refund.', 'm1', { agent: 'lead' }))
    await isAsked(runtime)
    const second = await runtime.conversations.send(message('And?', 'm2', { agent: 'lead' }))
    expect(second).toMatchObject({ answer: 'Wait.', open: [{ run: 'shop.m1.1.hand_off.1' }] })
    await decide(runtime, { action: 'approve' })
    expect((await asksOf(runtime, 3))[2]).toMatchObject({ answer: 'Paid.', agent: 'payer' })
    expect(paid).toEqual(['7'])
  })

  it('comes from a call whose child run waits for a person', async () => {
    const { all, paid } = tools()
    const steps = [{ id: 'go', tool: 'refund', parameters: { order: '7' } }]
    const start = { name: 'pipeline-executor', input: { pipeline: { name: 'pay', steps } } }
    const script = [{ calls: [start], times: 1, usage: { input: 1, output: 1 } }, answer('Wait.'), answer('Paid.')]
    const { runtime } = await openGoals(script, '', { tools: all })
    const pays = { agent: { ...CLERK, tools: ['pipeline-executor', 'refund'], approve: 'none' as const } }
    await runtime.conversations.post(message('Refund.', 'm1', pays))
    await isAsked(runtime)
    expect(await runtime.conversations.send(message('And?', 'm2', pays))).toMatchObject({ answer: 'Wait.' })
    await decide(runtime, { action: 'approve' })
    expect((await asksOf(runtime, 3))[2]).toMatchObject({ answer: 'Paid.' })
    expect(paid).toEqual(['7'])
  })
})
