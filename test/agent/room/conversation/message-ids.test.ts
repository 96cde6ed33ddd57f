import { describe, expect, it } from 'vitest'
import type { ConversationEvent } from '../../../../src/agent/room/conversation/port.ts'
import { givenId } from '../../../../src/house/common-fields.ts'
import type { Json } from '../../../../src/kernel/schema.ts'
import { gate } from '../../../../src/testing/gate.ts'
import { until } from '../../../../src/testing/until.ts'
import { askIdOf, workOfMessage } from '../../../../src/thread/protocol/ask-state.ts'
import { takeFirst } from '../../../../trials/conformance/actors.ts'
import { CLERK, call, openGoals, answer as repeated } from '../../goal/folder.ts'

const answer = (text: string) => ({ ...repeated(text), times: 1 })
const message = (conversation: string, text: string, more: object = {}) => ({
  ...{ conversation, agent: CLERK, text, id: 'm1' },
  ...more,
})

async function untilEnd(events: AsyncIterable<ConversationEvent>): Promise<readonly ConversationEvent[]> {
  const seen: ConversationEvent[] = []
  for await (const event of events) {
    seen.push(event)
    if (typeOf(event) === 'ask-end') break
  }
  return seen
}

const typeOf = ({ body }: { readonly body: Json }) => (body as { readonly type: string }).type

describe('the id of a message', () => {
  it('belongs to its conversation', async () => {
    const { runtime, open, model } = await openGoals(['one', 'two', 'three'].map(answer))
    const sent = [message('a', 'Hello.'), message('b', 'Hi.'), message('bob:a', 'Hello.', { owner: 'bob' })]
    const replies = []
    for (const one of sent) replies.push(await runtime.conversations.send(one))
    expect(replies).toMatchObject(
      ['one', 'two', 'three'].map((text, at) => ({ id: 'm1', conversation: sent[at]!.conversation, answer: text })),
    )
    await runtime.stop()
    const next = await open()
    for (const [at, one] of sent.entries()) expect(await next.conversations.send(one)).toEqual(replies[at])
    expect(model.calls).toHaveLength(3)
    for (const { conversation } of sent) {
      expect(await next.threads.getAsk(conversation, 'm1')).toMatchObject({ id: 'm1', n: 1, thread: conversation })
      expect((await next.threads.messages(conversation)).map(({ ask }) => ask)).toEqual(['m1', 'm1'])
      const events = await untilEnd(next.conversations.events(conversation))
      expect(events.at(-1)!.body).toMatchObject({ type: 'ask-end', ask: 'm1' })
      expect((await takeFirst(next.threads.askEvents(conversation, 'm1'))).map(typeOf)).toEqual([
        ...['ask-start', 'ask-goal', 'ask-end'],
      ])
    }
  })

  it('tells another owner nothing', async () => {
    const { runtime } = await openGoals([answer('one')])
    await runtime.conversations.send(message('a', 'Hello.'))
    const other = (id: string) => runtime.conversations.send(message('a', 'Hello.', { id, owner: 'bob' }))
    const problems = await Promise.all(['m1', 'm2'].map((id) => other(id).catch((error: Error) => error.message)))
    expect(problems).toEqual(['There is no thread a.', 'There is no thread a.'])
  })

  it('belongs to one of the messages that come with it at once', async () => {
    const { runtime, model } = await openGoals([answer('one')])
    const sent = [message('a', 'Pay 10.'), message('a', 'Pay 20.'), message('a', 'Pay 10.', { owner: 'bob' })]
    const ends = sent.map((one) => runtime.conversations.send(one).catch(({ code }) => code))
    expect(await Promise.all(ends)).toMatchObject([{ answer: 'one' }, 'id_taken', 'not_found'])
    const again = await Promise.all(sent.slice(0, 2).map((one) => runtime.conversations.post(one).catch((e) => e.code)))
    expect(again).toMatchObject([{ id: 'm1', status: 'completed' }, 'id_taken'])
    expect(model.calls).toHaveLength(1)
  })

  it('is that of the message that a steering message joins', async () => {
    const held = gate()
    const { runtime, model, write } = await openGoals([
      { ...call('filesystem_read', { path: 'a.txt' }), gate: held.pass() },
      answer('both'),
      answer('other'),
    ])
    write('a.txt', 'ebb')
    const first = runtime.conversations.send(message('a', 'Read.'))
    await until(() => model.calls.length === 1)
    const second = runtime.conversations.send(message('a', 'Be brief.', { id: 'm2' }))
    await until(async () => (await runtime.threads.get('a')).asks.length === 2)
    held.release()
    expect(await Promise.all([first, second])).toMatchObject([{ answer: 'both' }, { answer: 'both' }])
    const events = await takeFirst(runtime.threads.askEvents('a', 'm2'))
    expect(events.map(({ body }) => body)).toMatchObject([
      { type: 'ask-join', to: 'm1' },
      { type: 'ask-end', ask: 'm2' },
    ])
  })

  it('names the message to cancel, and no other one', async () => {
    const held = gate()
    const { runtime, model } = await openGoals([
      { ...answer('late'), gate: held.pass() },
      { ...answer('on time'), gate: held.pass() },
    ])
    const a = runtime.conversations.send(message('a', 'Hello.'))
    await until(() => model.calls.length === 1)
    const b = runtime.conversations.send(message('b', 'Hello.'))
    await until(() => model.calls.length === 2)
    const waits = runtime.conversations.send(message('a', 'And?', { id: 'm2', onBusy: 'queue' }))
    await until(async () => (await runtime.threads.get('a')).asks.length === 2)
    await runtime.threads.cancelAsk('a', 'm2', 'enough')
    await runtime.threads.cancelAsk('a', 'm1', 'enough')
    expect(await Promise.all([a, waits])).toMatchObject([{ status: 'cancelled' }, { status: 'cancelled' }])
    held.release()
    expect(await b).toMatchObject({ status: 'completed', answer: 'on time' })
  })

  it('is not taken by a question, and a question on the same thread cannot have it', async () => {
    const { runtime } = await openGoals([answer('one')])
    const ask = (thread: string) => runtime.threads.startAsk({ thread, prompt: 'Why?', id: 'm1' })
    await runtime.conversations.send(message('a', 'Hello.'))
    await expect(ask('a')).rejects.toMatchObject({ code: 'id_taken' })
    await ask('q')
    await expect(runtime.conversations.send(message('q', 'Hello.'))).rejects.toMatchObject({ code: 'id_taken' })
    await runtime.threads.cancelAsk('q', 'm1', 'enough').catch(() => {})
  })

  it('keeps the text of conversations apart', async () => {
    const { runtime } = await openGoals([answer('My code is 4711.'), answer('Good morning.')])
    const [a, b] = ['a', 'b'].map((conversation) => untilEnd(runtime.conversations.events(conversation)))
    await runtime.conversations.send(message('a', 'Hello.'))
    await runtime.conversations.send(message('b', 'Hello.'))
    const textOf = (events: readonly ConversationEvent[]) =>
      events.flatMap(({ live, body }) => (live ? [(body as { readonly text: string }).text] : [])).join('')
    expect([textOf(await a!), textOf(await b!)]).toEqual(['My code is 4711.', 'Good morning.'])
  })
})

it('the id of the work on a message names its conversation', () => {
  const work = workOfMessage('bob:letters', 'a#message:b')
  expect(askIdOf('bob:letters', work)).toBe('a#message:b')
  expect(askIdOf('letters', work)).toBe(work)
  expect(askIdOf('letters', 'ask_1')).toBe('ask_1')
  expect([work, 'ask_1'].map((id) => givenId.safeParse(id).success)).toEqual([false, true])
})
