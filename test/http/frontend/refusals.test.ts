import { expect, it } from 'vitest'
import { answer, openFrontend, post } from './served.ts'

const user = { id: 'u1', role: 'user', content: 'Hello.', parts: [{ type: 'text', text: 'Hello.' }] }
const chat = (...messages: readonly object[]) => ({ id: 'talk', messages })
const run = (more: object, ...messages: readonly object[]) => ({ threadId: 'talk', runId: 'r1', messages, ...more })
const approval = { id: 'a1', role: 'assistant', parts: [{ type: 'dynamic-tool', state: 'approval-responded' }] }

/** Bodies that are refused, and the place that the error names. */
const REFUSED: readonly (readonly [what: string, path: string, body: object, place: RegExp])[] = [
  [
    'no message of the user',
    'chat',
    chat({ id: 's1', role: 'system', parts: [] }),
    /messages: expected a message of the user/,
  ],
  ['an answer to an approval', 'chat', chat(user, approval), /messages: .*got one of the role "assistant"/],
  [
    'a file of a provider',
    'chat',
    chat({ ...user, parts: [{ type: 'file', url: 'https://here', providerReference: { lab: 'f1' } }] }),
    /messages\.0\.parts\.0: .*a reference of a provider is not taken; got providerReference/,
  ],
  [
    'a file of this machine',
    'chat',
    chat({ ...user, parts: [{ type: 'file', url: 'file:///etc/passwd' }] }),
    /messages\.0\.parts\.0: expected a data URL, .* got "file:\/\/\/etc\/passwd"/,
  ],
  [
    'other parts',
    'chat',
    chat({ ...user, parts: [{ type: 'tool-x' }] }),
    /messages\.0\.parts\.0: .*got a part of the type "tool-x"/,
  ],
  ['an empty text', 'chat', chat({ ...user, parts: [] }), /Expected a message, got an empty text/],
  ['an odd id of a message', 'chat', chat({ ...user, id: 'a\u0000b' }), /messages\.0\.id: /],
  ['an odd id of a conversation', 'chat', { ...chat(user), id: 'a b' }, /id: /],
  ['a field of its own', 'chat', { ...chat(user), model: 'lab/two' }, /model/],
  ['tools', 'ag-ui', run({ tools: [{ name: 'x', description: 'x' }] }, user), /tools: expected no tools/],
  ['context', 'ag-ui', run({ context: [{ description: 'x', value: 'x' }] }, user), /context: expected no context/],
  ['state', 'ag-ui', run({ state: { admin: true } }, user), /state: expected no state/],
  [
    'properties',
    'ag-ui',
    run({ forwardedProps: { model: 'lab/two' } }, user),
    /forwardedProps: expected no properties/,
  ],
  [
    'answers to interrupts',
    'ag-ui',
    run({ resume: [{ interruptId: 'x', status: 'resolved' }] }, user),
    /resume: .*approve/,
  ],
  [
    'a result of a tool',
    'ag-ui',
    run({}, user, { id: 't1', role: 'tool', toolCallId: 'x', content: 'x' }),
    /messages: .*"tool"/,
  ],
  [
    'a picture without a source',
    'ag-ui',
    run({}, { ...user, content: [{ type: 'image' }] }),
    /messages\.0\.content\.0: .*got a part without a source/,
  ],
  [
    'a picture that lies at a provider',
    'ag-ui',
    run({}, { ...user, content: [{ type: 'image', source: { type: 'file', value: 'f1', provider: 'openai' } }] }),
    /messages\.0\.content\.0: .*got a file of openai/,
  ],
  ['another version', 'ag-ui', run({ protocolVersion: '2.0' }, user), /protocolVersion: expected version 1/],
]

it('refuses by name what a front end may not send', async () => {
  const { base, headers, runtime, model } = await openFrontend([answer('Hi.')])
  for (const [what, path, body, place] of REFUSED) {
    const response = await post(`${base}/v1/agents/clerk/${path}`, headers, body)
    const { detail } = (await response.json()) as { readonly detail: string }
    expect([response.status, detail], what).toEqual([400, expect.stringMatching(place)])
  }
  expect(await runtime.threads.list()).toEqual([])
  expect(model.calls).toEqual([])
})

it('refuses a long message, and names its place and the limit', async () => {
  const { base, headers } = await openFrontend([])
  const text = 'x'.repeat(200_000)
  const chat = { id: 'talk', messages: [{ id: 'u1', role: 'user', parts: [{ type: 'text', text }] }] }
  const run = { threadId: 'talk', runId: 'r1', messages: [{ id: 'u1', role: 'user', content: text }] }
  for (const [path, body, place] of [
    ['/v1/agents/clerk/chat', chat, 'body.messages.0.parts'],
    ['/v1/agents/clerk/ag-ui', run, 'body.messages.0.content'],
    ['/v1/conversations/talk/messages', { agent: 'clerk', text }, 'text'],
  ] as const) {
    const response = await post(`${base}${path}`, headers, body)
    expect(await response.json()).toMatchObject({
      status: 413,
      code: 'too_large',
      place: { path: place },
      detail: `${place}: expected a message of at most 131072 characters, got 200000.`,
      hint: 'Send it in several messages.',
    })
  }
})

it('sends a message once, and refuses its id for another text', async () => {
  const { base, headers, model } = await openFrontend([answer('Hi.')])
  const url = `${base}/v1/agents/clerk/chat`
  const first = await (await post(url, headers, chat(user))).text()
  expect(await (await post(url, headers, { ...chat(user), trigger: 'regenerate-message' })).text()).toBe(first)
  expect(first).toContain('"delta":"Hi."')
  const other = await post(url, headers, chat({ ...user, parts: [{ type: 'text', text: 'Bye.' }] }))
  expect(await other.json()).toMatchObject({ code: 'id_taken' })
  expect(model.calls).toHaveLength(1)
})

it('gives no reply where there is none, and none of another owner', async () => {
  const { base, headers, headersOf } = await openFrontend([answer('Hi.')])
  const resume = (conversation: string, who: object) =>
    fetch(`${base}/v1/agents/clerk/chat/${conversation}/stream`, { headers: { ...who } })
  expect((await resume('talk', headers)).status).toBe(204)
  await (await post(`${base}/v1/agents/clerk/chat`, headers, chat(user))).text()
  expect(await (await resume('talk', headers)).text()).toContain('"delta":"Hi."')
  const bob = await headersOf('bob')
  expect((await resume('talk', bob)).status).toBe(204)
  expect((await resume('ann:talk', bob)).status).toBe(404)
  const taken = await post(`${base}/v1/agents/clerk/chat`, bob, { ...chat(user), id: 'ann:talk' })
  expect(taken.status).toBe(404)
  const reader = await headersOf('ann', ['read'])
  expect((await post(`${base}/v1/agents/clerk/ag-ui`, reader, run({}, user))).status).toBe(403)
})
