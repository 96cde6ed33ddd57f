import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { defineTool } from '../../../../src/index.ts'
import type { Runtime } from '../../../../src/runtime/ports.ts'
import { gate } from '../../../../src/testing/gate.ts'
import { until } from '../../../../src/testing/until.ts'
import { CLERK, call, openGoals, answer as repeated } from '../../goal/folder.ts'

const answer = (text: string) => ({ ...repeated(text), times: 1 })

const message = (text: string, id: string, more: object = {}) => ({
  conversation: 'talk',
  agent: CLERK,
  text,
  id,
  ...more,
})

/** The durable events of a conversation up to the end of so many messages. */
async function eventsOf(runtime: Runtime, ends: number, after?: string) {
  const seen: { readonly cursor: string; readonly type: string }[] = []
  let left = ends
  const from = after === undefined ? {} : { after }
  for await (const { cursor, live, body } of runtime.conversations.events('talk', from)) {
    if (live) continue
    const { type } = body as { readonly type: string }
    seen.push({ cursor, type })
    if (type === 'ask-end' && --left === 0) break
  }
  return seen
}

describe('a conversation', () => {
  it('answers each message with the earlier ones in view, calls and results included', async () => {
    const { runtime, write, model } = await openGoals([
      call('filesystem_read', { path: 'a.txt' }),
      answer('The note says ebb.'),
      answer('You asked about the note.'),
    ])
    write('a.txt', 'ebb')
    const first = await runtime.conversations.send(message('Read the note.', 'm1'))
    expect(first).toMatchObject({ status: 'completed', answer: 'The note says ebb.', n: 1, goal: 'talk.m1' })
    const second = await runtime.conversations.send(message('What did I ask?', 'm2'))
    expect(second).toMatchObject({ status: 'completed', answer: 'You asked about the note.', n: 2 })
    const { prompt } = model.calls[2]!
    for (const part of ['Read the note.', 'ebb', 'The note says ebb.', 'What did I ask?'])
      expect(prompt).toContain(part)
    // a provider can reuse what it has read of the request before
    expect(prompt.startsWith(model.calls[1]!.prompt.trimEnd())).toBe(true)
    expect(await runtime.threads.messages('talk')).toMatchObject([
      { role: 'user', text: 'Read the note.' },
      { role: 'assistant', text: 'The note says ebb.' },
      { role: 'user', text: 'What did I ask?' },
      { role: 'assistant', text: 'You asked about the note.' },
    ])
    expect(await runtime.threads.list()).toMatchObject([{ id: 'talk', asked: 2, status: 'completed' }])
  })

  it('never shows the text of another one of the same agent and owner', async () => {
    const { runtime, model } = await openGoals([answer('noted'), answer('hello')])
    await runtime.conversations.send({
      ...message('My code is 4711, remember the lamp order.', 'a'),
      conversation: 'A',
    })
    await runtime.conversations.send({ ...message('What is my code for the lamp order?', 'b'), conversation: 'B' })
    expect(model.calls[1]!.prompt).not.toContain('4711')
  })

  it('sends a message once, whoever repeats its id, and refuses the id for another text', async () => {
    const { runtime, open, model } = await openGoals([answer('one'), answer('two')])
    const [one, again] = await Promise.all([1, 2].map(() => runtime.conversations.send(message('Hello.', 'm1'))))
    expect(again).toEqual(one)
    await runtime.stop()
    const next = await open()
    expect(await next.conversations.send(message('Hello.', 'm1'))).toEqual(one)
    expect(model.calls).toHaveLength(1)
    await expect(next.conversations.send(message('Other.', 'm1'))).rejects.toMatchObject({ code: 'id_taken' })
  })

  it('waits for a person, and another process goes on with it', async () => {
    const { runtime, open } = await openGoals([
      call('filesystem_append', { path: 'log.txt', content: 'x' }),
      answer('done'),
      answer('again'),
    ])
    const early = await runtime.conversations.send(message('Append.', 'm1'), { timeout: 300 })
    expect(early).toMatchObject({ status: 'waiting', goal: 'talk.m1' })
    await runtime.idle()
    expect(await runtime.conversations.get('talk', 'm1')).toMatchObject({ status: 'waiting', for: 'person' })
    const others = [{ type: 'others' }]
    expect(await runtime.inspector.why('m1')).toMatchObject({
      ...{ of: 'chain/talk', holds: others },
      waitsFor: [{ of: 'agent/talk.m1', holds: others, waitsFor: [{ of: 'run/talk.m1.1' }] }],
    })
    await runtime.stop()
    const next = await open()
    const [item] = await next.inbox.list()
    expect(item).toMatchObject({ run: 'talk.m1.1' })
    const reply = next.conversations.send(message('Append.', 'm1'))
    await next.runs.signal('talk.m1.1', 'approve_call_1', 'approve')
    expect(await reply).toMatchObject({ status: 'completed', answer: 'done' })
    const events = await eventsOf(next, 1)
    expect(events.map(({ type }) => type)).toContain('goal-needs')
  })

  it('takes a message as long as the limit, in any script', async () => {
    const { runtime, model } = await openGoals([answer('Long.'), answer('Longer.')])
    for (const [id, text] of [
      ['m1', '潮'.repeat(131_072)],
      ['m2', 'ebb "and" flow\n'.repeat(8_700)],
    ] as const)
      expect(await runtime.conversations.send(message(text, id))).toMatchObject({ status: 'completed' })
    expect(model.calls[0]!.prompt).toContain('潮'.repeat(131_072))
  })

  it('streams one order, which every reader continues at any cursor', async () => {
    const { runtime, write } = await openGoals([call('filesystem_list', { path: '.' }), answer('one'), answer('two')])
    write('a.txt', 'ebb')
    const live = eventsOf(runtime, 2)
    await runtime.conversations.send(message('List.', 'm1'))
    await runtime.conversations.send(message('Thanks.', 'm2'))
    const all = await eventsOf(runtime, 2)
    expect(await live).toEqual(all)
    for (const [place, { cursor }] of all.slice(0, -1).entries()) {
      const ends = all.slice(place + 1).filter(({ type }) => type === 'ask-end').length
      expect(await eventsOf(runtime, ends, cursor)).toEqual(all.slice(place + 1))
    }
  })

  it('stops: the message is cancelled, those that wait too, and no model is asked', async () => {
    const held = gate()
    const { runtime, model } = await openGoals([{ ...answer('late'), gate: held.pass() }, answer('next')])
    await runtime.conversations.post(message('One.', 'm1'))
    await until(() => model.calls.length === 1)
    await runtime.conversations.post(message('Two.', 'm2', { onBusy: 'queue' }))
    await runtime.conversations.stop('talk')
    held.release()
    await runtime.idle()
    const status = async (id: string) => (await runtime.conversations.get('talk', id)).status
    expect([await status('m1'), await status('m2')]).toEqual(['cancelled', 'cancelled'])
    expect(model.calls).toHaveLength(1)
    // the next message says that the one before was not answered
    await runtime.conversations.send(message('Three.', 'm3'))
    expect(model.calls[1]!.prompt).toContain('was cancelled')
  })

  it('stops a message that steers, and that the agent has not read', async () => {
    const held = gate()
    const { runtime, model, write } = await openGoals([
      { ...call('filesystem_read', { path: 'a.txt' }), gate: held.pass() },
      answer('late'),
      answer('next'),
    ])
    write('a.txt', 'ebb')
    await runtime.conversations.post(message('One.', 'm1'))
    await until(() => model.calls.length === 1)
    const steering = runtime.conversations.send(message('Two.', 'm2'))
    await until(async () => (await runtime.threads.get('talk')).asks.length === 2)
    await runtime.conversations.stop('talk')
    held.release()
    expect(await steering).toMatchObject({ status: 'cancelled' })
    await runtime.idle()
    expect(await runtime.conversations.get('talk', 'm1')).toMatchObject({ status: 'cancelled', goal: 'talk.m1' })
    expect(model.calls).toHaveLength(1)
    expect((await eventsOf(runtime, 2)).filter(({ type }) => type === 'ask-goal')).toHaveLength(1)
    // later requests show both
    await runtime.conversations.send(message('Three.', 'm3'))
    for (const text of ['One.', 'Two.', 'Three.']) expect(model.calls[1]!.prompt).toContain(text)
  })

  it('stops a message whose goal has not begun, and one that has ended meanwhile', async () => {
    const { runtime } = await openGoals([answer('one'), answer('two'), answer('three')])
    for (const [at, id] of ['m1', 'm2', 'm3'].entries()) {
      await runtime.conversations.post(message('Go.', id))
      for (let turn = 0; turn < at; turn++) await new Promise((resolve) => setImmediate(resolve))
      await runtime.conversations.stop('talk')
      await runtime.idle()
      expect(['cancelled', 'completed']).toContain((await runtime.conversations.get('talk', id)).status)
    }
    await runtime.conversations.stop('talk')
  })

  it('a message that queues waits for its turn while a call waits for a person', async () => {
    const { runtime } = await openGoals([call('filesystem_append', { path: 'a.txt', content: 'ebb' })])
    const waiting = async (id: string) => {
      const reply = await runtime.conversations.get('talk', id)
      return reply.status === 'waiting' ? reply.for : reply.status
    }
    await runtime.conversations.post(message('Note it.', 'm1'))
    await until(async () => (await waiting('m1')) === 'person')
    await runtime.conversations.post(message('And then rest.', 'm2', { onBusy: 'queue' }))
    expect([await waiting('m1'), await waiting('m2')]).toEqual(['person', 'turn'])
    await runtime.conversations.stop('talk')
  })

  it('steers: a message joins before the next round', async () => {
    const held = gate()
    const { runtime, model, write } = await openGoals([
      { ...call('filesystem_read', { path: 'a.txt' }), gate: held.pass() },
      answer('both'),
    ])
    write('a.txt', 'ebb')
    const first = runtime.conversations.send(message('Read.', 'm1'))
    await until(() => model.calls.length === 1)
    const receipt = runtime.conversations.post(message('And be brief.', 'm2'))
    await until(async () => (await runtime.conversations.get('talk', 'm2').catch(() => undefined)) !== undefined)
    held.release()
    expect(await receipt).toMatchObject({ n: 2 })
    expect(await first).toMatchObject({ answer: 'both' })
    expect(model.calls[1]!.prompt).toContain('And be brief.')
    expect(await runtime.conversations.send(message('And be brief.', 'm2'))).toMatchObject({ answer: 'both' })
    // the model said nothing before it read the second one
    expect((await runtime.threads.messages('talk')).map(({ text }) => text)).toEqual(['Read.', 'And be brief.', 'both'])
  })

  it('the reply to a message that was taken before a restart is what follows', async () => {
    const held = gate()
    onTestFinished(() => held.release())
    const look = defineTool({
      ...{ name: 'look', description: 'Looks', input: z.object({}), effect: 'pure' },
      execute: () => held.pass().then(() => 'seen'),
    })
    const script = [
      { ...call('look', {}), reply: 'I look.' },
      { ...call('filesystem_list', { path: '.' }), reply: 'I list, too.' },
      answer('Both.'),
    ]
    const { runtime, open, model } = await openGoals(script, '', { tools: [look] })
    const looks = { agent: { ...CLERK, tools: ['look', ...CLERK.tools] } }
    await runtime.conversations.post(message('Look.', 'm1', looks))
    await until(async () => (await runtime.goals.get('talk.m1')).status === 'acting')
    await runtime.conversations.post(message('And list.', 'm2', looks))
    await until(async () => (await runtime.conversations.get('talk', 'm2')).goal !== undefined)
    await runtime.stop({ grace: 0 })
    held.release()
    const next = await open()
    expect(await next.conversations.send(message('And list.', 'm2', looks))).toMatchObject({ answer: 'Both.' })
    expect(model.calls[1]!.prompt).toContain('And list.')
    expect((await next.threads.messages('talk')).map(({ text }) => text)).toEqual([
      'Look.',
      'I look.',
      'And list.',
      'Both.',
    ])
    expect((await next.goals.get('talk.m1')).rounds.map((round) => round.message)).toEqual([undefined, 2, 2])
  })

  it('an interrupted message keeps what was said for it', async () => {
    const { runtime } = await openGoals([
      { ...call('filesystem_append', { path: 'log.txt', content: 'x' }), reply: 'I append it.' },
      answer('Not any more.'),
    ])
    await runtime.conversations.post(message('Append.', 'm1'))
    await until(async () => (await runtime.inbox.list()).length === 1)
    await runtime.conversations.send(message('Do not.', 'm2', { onBusy: 'interrupt' }))
    expect((await runtime.threads.messages('talk')).map(({ text }) => text)).toEqual([
      'Append.',
      'I append it.',
      'Do not.',
      'Not any more.',
    ])
  })
})

it.each([
  ['an empty text', { text: ' ' }, { code: 'invalid_input' }],
  [
    'a long text',
    { text: 'x'.repeat(200_000) },
    {
      code: 'too_large',
      place: { path: 'text' },
      message: 'text: expected a message of at most 131072 characters, got 200000.',
      hint: 'Send it in several messages.',
    },
  ],
  ['a long text beside it', { texts: [{ name: 'a', text: 'x'.repeat(200_000) }] }, { place: { path: 'texts' } }],
  ['a text with a long JSON', { text: '\0'.repeat(100_000) }, { code: 'too_large', place: { path: 'text' } }],
  ['an odd id of a conversation', { conversation: 'a\nb' }, {}],
  ['an agent that does not exist', { agent: 'nobody' }, { name: 'NotFoundError' }],
])('refuses %s', async (_, more, error) => {
  const { runtime } = await openGoals([])
  await expect(runtime.conversations.send(message('Hello.', 'm1', more))).rejects.toMatchObject(error)
  expect(await runtime.threads.list()).toEqual([])
})
