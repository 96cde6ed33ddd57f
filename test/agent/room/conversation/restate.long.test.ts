import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { defineAgent } from '../../../../src/agent/definition/define-agent.ts'
import type { ConversationEvent } from '../../../../src/agent/room/conversation/port.ts'
import { loadConfig } from '../../../../src/config/config.ts'
import type { Json } from '../../../../src/kernel/schema.ts'
import { createRuntime } from '../../../../src/runtime/open/create-runtime.ts'
import type { RuntimeParts } from '../../../../src/runtime/open/parts.ts'
import { gate } from '../../../../src/testing/gate.ts'
import { type ScriptedTurn, scriptedModel } from '../../../../src/testing/scripted-model.ts'
import { until } from '../../../../src/testing/until.ts'
import { defineTool } from '../../../../src/tool/tool.ts'
import { describeOnRestate, useRestate } from '../../../engine/restate/server.ts'
import { describeOnRedis, startRedis } from '../../../store/redis-server.ts'
import { answer, CLERK, call } from '../../goal/folder.ts'

const once = (text: string) => ({ ...answer(text), times: 1 })
const message = (id: string) => ({ agent: CLERK, conversation: 'talk', text: 'Hello.', id })

describeOnRestate('nodes with conversations', () => {
  const server = useRestate()

  /** Nodes of one namespace, by name; the same name is the same node again. They share a model that follows a script. */
  function openNodes(namespace: string, script: readonly ScriptedTurn[], more: object = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'antiphon-nodes-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
    mkdirSync(join(folder, 'common'))
    const model = scriptedModel(script, 'lab/one')
    const restate = { admin: server.now().admin, namespace, shared: '../common', ...more }
    const models = [{ id: 'lab/one', cost: { input: 1, output: 1 } }]
    const settings = { model: 'lab/one', models, engine: { restate } }
    const open = async (name: string, parts: RuntimeParts = {}) => {
      const place = join(folder, name)
      mkdirSync(place, { recursive: true })
      writeFileSync(join(place, 'antiphon.yaml'), JSON.stringify(settings))
      const config = await loadConfig({ folder: place, environment: {} })
      const runtime = await createRuntime({ ...config, embedder: 'none' }, { ...parts, models: { 'lab/one': model } })
      onTestFinished(() => runtime.stop({ grace: 0 }))
      return runtime
    }
    return { open, model }
  }

  it('a call that a person approved waits for its code, and continues when a node with the code starts', async () => {
    const calls: Json[] = []
    const refund = defineTool({
      name: 'refund',
      description: 'Pays an order back',
      effect: 'at-most-once',
      input: z.object({ order: z.string() }),
      execute: (given) => ({ paid: calls.push(given as Json) }),
    })
    const agent = defineAgent({ name: 'support', instructions: 'You help.', tools: [refund] })
    const { open } = openNodes('code', [call('refund', { order: 'a1' }), answer('paid')])
    const first = await open('one', { agents: [agent] })
    await first.conversations.post({ agent, conversation: 'talk', text: 'Pay a1 back.', id: 'mail-1' })
    await until(async () => (await first.inbox.list()).length === 1)
    await first.stop()
    const bare = await open('one')
    const [gate] = await bare.inbox.list()
    await bare.runs.signal('talk.m1.1', (gate as { readonly signal: string }).signal, { action: 'approve' })
    await until(async () => (await bare.inbox.list()).some(({ kind }) => kind === 'code'))
    expect(await bare.conversations.get('talk', 'mail-1')).toMatchObject({ status: 'waiting', for: 'code' })
    await bare.stop()
    expect(calls).toEqual([])
    const whole = await open('one', { agents: [agent] })
    const reply = () => whole.conversations.get('talk', 'mail-1')
    await until(async () => (await reply()).status === 'completed')
    expect(await reply()).toMatchObject({ answer: 'paid' })
    expect(calls).toEqual([{ order: 'a1' }])
  })

  it('say at both nodes what the calls of a stopped message did', async () => {
    const held = gate()
    onTestFinished(() => held.release())
    const paid: string[] = []
    const input = z.object({ to: z.string() })
    const pay = defineTool({
      ...{ name: 'pay', description: 'Pays', effect: 'at-most-once', input },
      async execute({ to }) {
        paid.push(to)
        await held.pass()
        return 'paid'
      },
    })
    const sell = defineTool({
      ...{ name: 'sell', description: 'Sells', effect: 'at-most-once', input, approve: true },
      execute: () => 'sold',
    })
    const agent = defineAgent({ name: 'clerk', instructions: 'You pay.', tools: [pay, sell], approve: 'none' })
    const to = { to: 'harbour' }
    const calls = ['pay', 'sell'].map((name) => ({ name, input: to }))
    const usage = { input: 1, output: 1 }
    const { open, model } = openNodes('stops', [{ calls, times: 1, usage }, once('one'), once('two')])
    const [one, other] = await Promise.all(['one', 'other'].map((name) => open(name, { agents: [agent] })))
    const mail = (id: string) => ({ agent, conversation: 'talk', text: 'Pay.', id })
    await one!.conversations.post(mail('m1'))
    await until(async () => paid.length === 1 && (await one!.inbox.list()).length === 1)
    await one!.conversations.stop('talk')
    expect(await one!.conversations.send(mail('m2'))).toMatchObject({ answer: 'one' })
    expect(await other!.conversations.send(mail('m3'))).toMatchObject({ answer: 'two' })
    for (const { prompt } of model.calls.slice(1)) {
      expect(prompt).toContain(
        'unknown: the call was interrupted while it was made; what it did is not known; a person',
      )
      expect(prompt).toContain('cancelled: the call was not made')
    }
    await expect.poll(() => other!.inbox.list()).toMatchObject([{ kind: 'goal', goal: 'talk.m1' }])
    expect(paid).toEqual(['harbour'])
  })

  it('answer a message while a call waits for a person, and say later what has come of the call', async () => {
    const paid: string[] = []
    const refund = defineTool({
      ...{ name: 'refund', description: 'Pays an order back', effect: 'at-most-once', approve: true },
      input: z.object({ order: z.string() }),
      execute: ({ order }) => ({ paid: paid.push(order) }),
    })
    const agent = defineAgent({ name: 'support', instructions: 'You help.', tools: [refund], approve: 'none' })
    const script = [call('refund', { order: 'a1' }), once('Staff decide.'), once('It is paid.')]
    const { open } = openNodes('open', script)
    const [one, other] = await Promise.all(['one', 'other'].map((name) => open(name, { agents: [agent] })))
    const mail = (id: string) => ({ agent, conversation: 'talk', text: 'Pay a1 back.', id })
    await one!.conversations.post(mail('m1'))
    await until(async () => (await other!.inbox.list()).length === 1)
    expect(await other!.conversations.send(mail('m2'))).toMatchObject({ answer: 'Staff decide.', open: [{}] })
    const [gate] = await other!.inbox.list()
    await other!.runs.signal('talk.m1.1', (gate as { readonly signal: string }).signal, { action: 'approve' })
    await until(async () => (await one!.threads.get('talk')).asks[2]?.status === 'completed')
    expect((await one!.threads.get('talk')).asks[2]).toMatchObject({
      answer: 'It is paid.',
      resultOf: { run: 'talk.m1.1' },
    })
    expect(paid).toEqual(['a1'])
  })

  it('know the agents that were put at the other one', async () => {
    const { open, model } = openNodes('agents', [once('one'), once('two')])
    const [one, other] = await Promise.all([open('one'), open('other')])
    const owner = 'ann'
    const mail = (id: string) => ({ conversation: 'mail', agent: 'triage', owner, text: 'Hi.', id })
    await one.agents.put('triage', { instructions: 'You sort mail.' }, { owner })
    await expect.poll(() => other.agents.list({ owner })).toMatchObject([{ name: 'triage' }])
    expect(await other.conversations.send(mail('m1'))).toMatchObject({ answer: 'one' })
    await other.agents.put('triage', { instructions: 'You answer mail.' }, { owner })
    expect(await one.conversations.send(mail('m2'))).toMatchObject({ answer: 'two' })
    expect(model.calls.map(({ prompt }) => /You (sort|answer)/.exec(prompt)?.[1])).toEqual(['sort', 'answer'])
    await one.agents.remove('triage', { owner })
    await expect(other.conversations.send(mail('m3'))).rejects.toMatchObject({ code: 'not_found' })
  })

  it('refuse messages to a conversation that was removed at the other one', async () => {
    const { open } = openNodes('removes', [call('filesystem_list', { path: '.' }), answer('One.')])
    const [one, other] = await Promise.all([open('one'), open('other')])
    await one.conversations.send(message('m1'))
    await other.threads.name('talk', 'Letters')
    // lists may lag by a moment
    await expect.poll(() => one.threads.list()).toMatchObject([{ id: 'talk', name: 'Letters' }])
    await other.threads.remove('talk')
    for (const { runs, goals, threads, conversations } of [one, other]) {
      await expect.poll(() => threads.list()).toEqual([])
      await expect(runs.get('talk.m1.1')).rejects.toMatchObject({ code: 'not_found' })
      await expect(goals.get('talk.m1')).rejects.toMatchObject({ code: 'not_found' })
      for (const id of ['m1', 'm2'])
        await expect(conversations.send(message(id))).rejects.toMatchObject({ code: 'thread_removed' })
    }
  })

  describeOnRedis('with a relay', () => {
    it('tell followers at both the text of a model as it grows', async () => {
      const redis = await startRedis()
      const { open } = openNodes('live', [once('It lists one file.'), once('And no more.')], { redis: redis.url })
      const nodes = await Promise.all([open('one'), open('other')])
      const sender = nodes[1]!
      let after = '0'
      for (const [index, follower] of nodes.entries()) {
        const following = followReply(follower.conversations.events('talk', { after }))
        const { answer: text } = (await sender.conversations.send(message(`m${index}`))) as { readonly answer: string }
        const events = await following
        const told = events.filter(({ live }) => live).map(({ body }) => (body as { readonly text: string }).text)
        expect(told.join('')).toBe(text)
        after = events.at(-1)!.cursor
      }
    })
  })
})

async function followReply(events: AsyncIterable<ConversationEvent>): Promise<readonly ConversationEvent[]> {
  const seen: ConversationEvent[] = []
  for await (const event of events) {
    seen.push(event)
    if ((event.body as { readonly type: string }).type === 'ask-end') break
  }
  return seen
}
