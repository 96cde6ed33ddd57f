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
    title: 'Call pay?',
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

it('shows one reply to a message and to another one that steers it', async () => {
  const held = gate()
  const server = await openFrontend([{ ...look(), gate: held.pass() }, answer('Both.')])
  const chat = new Chat(server)
  const first = chat.sendMessage({ text: 'Read it.' })
  await until(() => server.model.calls.length === 1)
  const second = chat.sendMessage({ text: 'Be brief.' })
  await until(async () => (await server.client.threads.messages('talk')).length === 2)
  held.release()
  await Promise.all([first, second])
  expect(shown(chat.messages).sort()).toEqual([
    ['assistant', 'Let me look.', 'look-up output-available', 'Both.'],
    ['user', 'Be brief.'],
    ['user', 'Read it.'],
  ])
  expect(server.model.calls[1]!.prompt).toContain('Be brief.')
})

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
