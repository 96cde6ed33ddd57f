import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import type { UIMessage } from 'ai'
import { expect, it } from 'vitest'
import { conversationTopic } from '../../../src/agent/protocol/live.ts'
import { gate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/until.ts'
import { answer, Chat, look, openFrontend, payment, post, shown } from './served.ts'

it('shows a reply with its calls and an approval, which its own route answers', async () => {
  const server = await openFrontend([look(), payment, answer('It says ebb.')])
  const chat = new Chat(server)
  const sent = chat.sendMessage({ text: 'Read it.' })
  await until(() => JSON.stringify(chat.messages).includes('data-approval'))
  const approval = chat.lastMessage!.parts.find(({ type }) => type === 'data-approval') as { readonly data: Approval }
  expect(approval.data).toEqual({
    status: 'waiting',
    title: 'Call pay? cents 5',
    run: 'ann:talk.m1.2',
    signal: 'approve_call_1',
    call: 'ann:talk.m1.2.call_1',
  })
  const { run, signal } = approval.data
  expect((await post(`${server.base}/v1/runs/${run}/approve`, server.headers, { signal })).status).toBe(200)
  await sent
  expect(chat.status).toBe('ready')
  expect(shown(chat.messages)).toEqual([
    ['user', 'Read it.'],
    [
      'assistant',
      'Let me look.',
      'look-up output-available',
      'pay output-available',
      'data-approval over',
      'It says ebb.',
    ],
  ])
  // the history is that of the server
  expect(server.model.calls[2]!.prompt).toContain('Read it.')
})

type Approval = { readonly run: string; readonly signal: string }

it('resumes after a reload in the middle of a reply, and nothing is lost or doubled', async () => {
  const held = gate()
  const server = await openFrontend([look(), { ...answer('It says ebb.'), gate: held.pass() }])
  const before = new Chat(server)
  const sent = before.sendMessage({ text: 'Read it.' })
  await until(() => shown(before.messages).flat().includes('look-up output-available'))
  const after = new Chat(server, before.messages)
  const resumed = after.resumeStream()
  await until(() => after.status === 'streaming')
  held.release()
  await Promise.all([sent, resumed])
  expect(after.messages).toEqual(before.messages)
  expect(shown(after.messages)).toEqual([
    ['user', 'Read it.'],
    ['assistant', 'Let me look.', 'look-up output-available', 'It says ebb.'],
  ])
  // a connection that was lost before the end gets the rest, too
  const late = new Chat(server, before.messages.slice(0, 1))
  await late.resumeStream()
  expect(late.messages).toEqual(before.messages)
})

it('has the messages of the thread as its history', async () => {
  const server = await openFrontend([answer('One.'), answer('Two.')])
  const chat = new Chat(server)
  await chat.sendMessage({ text: 'First.' })
  await chat.sendMessage({ text: 'Second.' })
  const messages = await server.client.threads.messages('talk')
  const history = messages.map(
    ({ ask, role, text }): UIMessage => ({
      id: role === 'user' ? ask : `${ask}.reply`,
      role,
      parts: [{ type: 'text', text }],
    }),
  )
  expect(shown(history)).toEqual(shown(chat.messages))
  expect(history.map(({ id }) => id)).toEqual(chat.messages.map(({ id }) => id))
  const reloaded = new Chat(server, history)
  await reloaded.resumeStream()
  expect(shown(reloaded.messages)).toEqual(shown(chat.messages))
})

/** A conversation in which the agent has read the second message after the call that it made for the first one. */
async function steered(script: Parameters<typeof openFrontend>[0]) {
  const held = gate()
  const server = await openFrontend([{ ...look(), gate: held.pass() }, ...script])
  const chat = new Chat(server)
  const first = chat.sendMessage({ text: 'Read it.' })
  await until(() => server.model.calls.length === 1)
  const other = new Chat(server, chat.messages.slice(0, 1))
  const second = other.sendMessage({ text: 'Be brief.' })
  await until(async () => (await server.client.threads.messages('talk')).length === 2)
  return { server, chat, other, held, sent: Promise.all([first, second]) }
}

it('a reply ends where the agent reads the next message, whose reply is what follows', async () => {
  const { server, chat, other, held, sent } = await steered([answer('Both.')])
  held.release()
  await sent
  const [read, looked] = [
    ['user', 'Read it.'],
    ['assistant', 'Let me look.', 'look-up output-available'],
  ]
  expect(shown(chat.messages)).toEqual([read, looked])
  expect(shown(other.messages)).toEqual([read, ['user', 'Be brief.'], ['assistant', 'Both.']])
  expect([chat.status, other.status]).toEqual(['ready', 'ready'])
  expect(other.lastMessage!.id).toBe(`${other.messages[1]!.id}.reply`)
  expect(server.model.calls[1]!.prompt).toContain('Be brief.')
  const history = await server.client.threads.messages('talk')
  expect(history.map(({ role, text }) => [role, text])).toEqual([
    ['user', 'Read it.'],
    ['assistant', 'Let me look.'],
    ['user', 'Be brief.'],
    ['assistant', 'Both.'],
  ])
  for (const { ask } of history)
    expect(await server.client.conversations.get('talk', ask)).toMatchObject({ answer: 'Both.' })
})

it('a page that is loaded in the middle gets the reply that is being written', async () => {
  const writing = gate()
  const { server, chat, other, held, sent } = await steered([{ ...answer('Both.'), gate: writing.pass() }])
  held.release()
  // the first reply has ended, and the second one is being written
  await until(() => chat.status === 'ready')
  await until(async () => (await server.client.goals.get('ann:talk.m1')).message === 2)
  const late = new Chat(server, other.messages)
  const resumed = late.resumeStream()
  await until(() => server.model.calls.length === 2)
  const history = await server.client.threads.messages('talk')
  expect(history.map(({ text }) => text)).toEqual(['Read it.', 'Let me look.', 'Be brief.'])
  writing.release()
  await Promise.all([sent, resumed])
  expect(shown(late.messages)).toEqual(shown(other.messages))
  expect(late.messages.map(({ id }) => id)).toEqual(other.messages.map(({ id }) => id))
})

it('two messages that are read together have one reply, to the last one', async () => {
  const { server, chat, other, held, sent } = await steered([answer('All.')])
  const third = new Chat(server, other.messages)
  const last = third.sendMessage({ text: 'And kind.' })
  await until(async () => (await server.client.threads.messages('talk')).length === 3)
  held.release()
  await Promise.all([sent, last])
  expect(shown(chat.messages).at(-1)).toEqual(['assistant', 'Let me look.', 'look-up output-available'])
  expect(shown(other.messages)).toEqual([
    ['user', 'Read it.'],
    ['user', 'Be brief.'],
  ])
  expect(shown(third.messages).at(-1)).toEqual(['assistant', 'All.'])
  expect((await server.client.threads.messages('talk')).map(({ text }) => text)).toEqual([
    'Read it.',
    'Let me look.',
    'Be brief.',
    'And kind.',
    'All.',
  ])
})

it('a message that comes while a call waits for a person is answered, and its result is a reply of its own', async () => {
  const server = await openFrontend([payment, answer('Staff decide.'), answer('Paid.')])
  const chat = new Chat(server)
  const first = chat.sendMessage({ text: 'Pay.' })
  await until(() => JSON.stringify(chat.messages).includes('data-approval'))
  const other = new Chat(server)
  await Promise.all([first, other.sendMessage({ text: 'Be brief.' })])
  expect(shown(chat.messages).at(-1)).toEqual(['assistant', 'pay output-available', 'data-approval over'])
  expect(shown(other.messages)).toEqual([
    ['user', 'Be brief.'],
    ['assistant', 'Staff decide.'],
  ])
  await post(`${server.base}/v1/runs/ann:talk.m1.1/approve`, server.headers, { signal: 'approve_call_1' })
  const texts = async () => (await server.client.threads.messages('talk')).map(({ text }) => text)
  await until(async () => (await texts()).length === 5)
  expect((await texts()).at(-1)).toBe('Paid.')
  const late = new Chat(server)
  await late.resumeStream()
  expect(shown(late.messages)).toEqual([['assistant', 'Paid.']])
})

it('a reply that is stopped keeps what was read of it, also in the history', async () => {
  const { server, chat, other, held, sent } = await steered([answer('Hello.')])
  const { model } = server
  const { doStream } = model
  model.doStream = async ({ abortSignal }) => {
    model.doStream = doStream
    return { stream: unfinished('One two three. ', abortSignal!) }
  }
  held.release()
  await until(() => shown(other.messages).at(-1)?.join().includes('three.') === true)
  await server.client.conversations.stop('talk', 'enough')
  await sent
  expect(shown(chat.messages).at(-1)).toEqual(['assistant', 'Let me look.', 'look-up output-available'])
  const seen = shown(other.messages).at(-1)![1]!
  expect((await server.client.threads.messages('talk')).map(({ text }) => text)).toEqual([
    'Read it.',
    'Let me look.',
    'Be brief.',
    seen,
  ])
  await server.client.conversations.send({ conversation: 'talk', agent: 'clerk', text: 'And now?' })
  expect(server.model.calls[1]!.prompt).toContain(seen.trim())
})

/** A stream that writes a text, and does not end before it is aborted. */
function unfinished(text: string, signal: AbortSignal): ReadableStream<LanguageModelV4StreamPart> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue({ type: 'stream-start', warnings: [] })
      controller.enqueue({ type: 'text-start', id: '0' })
      controller.enqueue({ type: 'text-delta', id: '0', delta: text })
      signal.addEventListener('abort', () => controller.error(signal.reason))
    },
  })
}

it('says why a reply has failed or was stopped, and is usable afterwards', async () => {
  const server = await openFrontend([
    { reply: '', finish: 'content-filter', times: 1 },
    { ...answer('late'), gate: new Promise(() => {}) },
    answer('Hello.'),
  ])
  const chat = new Chat(server)
  await chat.sendMessage({ text: 'Go.' })
  expect(chat.status).toBe('error')
  expect(chat.error?.message).toMatch(/filter|declined/)
  const stopped = chat.sendMessage({ text: 'Again.' })
  await until(() => server.model.calls.length === 2)
  await server.client.conversations.stop('talk', 'enough')
  await stopped
  expect(chat.status).toBe('ready')
  await chat.sendMessage({ text: 'And now?' })
  expect(shown(chat.messages).at(-1)).toEqual(['assistant', 'Hello.'])
})

it('gets the text as it grows, from the first round on', async () => {
  const held = gate()
  const { base, headers, runtime } = await openFrontend([
    { ...answer('One two three. '.repeat(100)), gate: held.pass() },
  ])
  const message = { id: 'u1', role: 'user', parts: [{ type: 'text', text: 'Count.' }] }
  const response = await post(`${base}/v1/agents/clerk/chat`, headers, { id: 'talk', messages: [message] })
  const reading = response.text()
  await until(() => runtime.engine.view.isFollowed(conversationTopic('ann:talk')))
  held.release()
  const text = await reading
  expect(text.match(/"type":"text-delta"/g)!.length).toBeGreaterThan(1)
})
