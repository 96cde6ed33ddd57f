import { expect, it } from 'vitest'
import type { RequestOwner } from '../../../src/http/program/handler.ts'
import type { ScriptedTurn } from '../../../src/testing/scripted-model.ts'
import { until } from '../../../src/testing/until.ts'
import { answer } from '../../agent/goal/folder.ts'
import { shown, TransportedChat } from '../frontend/served.ts'
import { ANN, openMounts, send } from './mounts.ts'

const talk = '/v1/conversations/talk/messages'
const hello = { agent: 'clerk', text: 'Hello.', wait: true }
/** Words that no visitor may read: those of a provider, of the operator, and the instructions of the agent. */
const SECRET = /You keep notes|Incorrect|sk-a1|antiphon\.yaml|keyEnv|lab\/one|status \d/

/** Visitors of an agent whose model fails until it is mended. */
async function openBroken(broken: ScriptedTurn, scopes?: readonly string[]) {
  let isBroken = true
  const mounts = await openMounts({ script: [{ ...broken, match: () => isBroken }, answer('Hello.')] })
  const owner = () => (scopes ? { owner: 'ann', scopes } : 'ann') as RequestOwner
  const visit = mounts.handler({ owner, agents: ['clerk'] })
  const fetch = (url: string, init: RequestInit) => visit(new Request(url, init))
  const api = 'https://shop.example/v1/agents/clerk/chat'
  return {
    ...mounts,
    visit,
    mend: () => void (isBroken = false),
    page: () => new TransportedChat('talk', { api, fetch: fetch as never }),
    read: async (path: string) => JSON.stringify((await send(visit, path, { headers: ANN })).document),
  }
}

/** The durable events of the conversation so far, as a visitor gets them. */
async function eventsOf(visit: (request: Request) => Promise<Response>, until: string): Promise<string> {
  const response = await visit(new Request('https://shop.example/v1/conversations/talk/events'))
  let text = ''
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece
    if (text.includes(until)) break
  }
  return text
}

const rejected = { error: { statusCode: 400, message: 'Incorrect sk-a1: the schema is wrong' } }

it.each<[what: string, broken: ScriptedTurn]>([
  ['the key is wrong', { error: { statusCode: 401, message: 'Incorrect API key provided: sk-a1***9' } }],
  ['the request is rejected', rejected],
  ['the reply is filtered', { reply: '', finish: 'content-filter' }],
])('a visitor reads no words of a provider if %s, and the next message has a reply', async (_, broken) => {
  const { runtime, visit, page, read, mend } = await openBroken(broken, ['talk', 'read', 'approve'])
  const chat = page()
  await chat.sendMessage({ text: 'Hi.' })
  expect(chat.status).toBe('error')
  expect(`${chat.error}`).toMatch(/The service is not available now|The agent declines/)
  const { document } = await send(visit, talk, { body: hello, headers: ANN })
  expect(document.problem.message).toMatch(/^The service is not available now$|^The agent declines/)
  const goals = (await runtime.goals.list({ owner: 'ann' })).map(({ id }) => `/v1/goals/${id}`)
  for (const path of [`${talk}/${document.id}`, '/v1/threads/talk', '/v1/threads/talk/messages', '/v1/inbox', ...goals])
    expect([path, await read(path)]).toEqual([path, expect.not.stringMatching(SECRET)])
  expect(await eventsOf(visit, 'goal-')).not.toMatch(SECRET)
  mend()
  const third = await send(visit, talk, { body: { ...hello, text: 'And now?' }, headers: ANN })
  expect(third.document).toMatchObject({ status: 'completed', answer: 'Hello.' })
  const later = page()
  await later.resumeStream()
  expect(shown(later.messages).at(-1)).toEqual(['assistant', 'Hello.'])
})

it('a visitor that only talks gets an error at each door, also while an earlier message waits', async () => {
  const { visit, page } = await openBroken(rejected)
  for (const text of ['One.', 'Two.']) {
    const chat = page()
    await chat.sendMessage({ text })
    expect(`${chat.error}`).toBe('Error: The service is not available now')
  }
  const run = { threadId: 'talk', runId: 'run-1', messages: [{ id: 'u1', role: 'user', content: 'Three.' }] }
  const { response } = await send(visit, '/v1/agents/clerk/ag-ui', { body: run, headers: ANN })
  const events = await response.text()
  expect(events).toContain('"RUN_ERROR","message":"The service is not available now"')
  expect(events).not.toMatch(SECRET)
})

it('an operator reads the words of the provider', async () => {
  const { runtime, fetch, page } = await openBroken(rejected)
  await page().sendMessage({ text: 'Hi.' })
  await until(async () => (await runtime.inbox.list()).length === 1)
  const { token } = await runtime.access.keys.create({ name: 'staff', owner: 'ann', scopes: ['read'] })
  const headers = { authorization: `Bearer ${token}` }
  for (const path of ['/v1/inbox', '/v1/goals/ann:talk.m1'])
    expect(JSON.stringify((await send(fetch, path, { headers })).document)).toContain('Incorrect sk-a1')
})

it('a visitor with `read` reads no words of a provider in its runs, and the operator does', async () => {
  const { runtime, read } = await openBroken(rejected, ['talk', 'read'])
  const step = "{ id: say, action: generate-text, parameters: { prompt: 'Hello.' } }"
  const text = `{ name: Note, inputs: { error: { type: string } }, steps: [${step}] }`
  await runtime.runs.start({ source: { text }, owner: 'ann', id: 'r1', inputs: { error: 'kept' } })
  for await (const _ of runtime.runs.events('r1'));
  const document = JSON.parse(await read('/v1/runs/r1'))
  expect(document).toMatchObject({
    status: 'failed',
    error: 'The service is not available now',
    error_code: 'model_rejected',
    steps: { say: { error: 'The service is not available now' } },
  })
  for (const path of ['', '/steps/say', '/steps', '/tree'])
    expect([path, await read(`/v1/runs/r1${path}`)]).toEqual([path, expect.not.stringMatching(SECRET)])
  expect(await read('/v1/runs?details=true')).not.toMatch(SECRET)
  expect(JSON.stringify(await runtime.runs.get('r1'))).toContain('Incorrect sk-a1')
})

it('a visitor does not read what the model got in a round, and the operator does', async () => {
  const { runtime, fetch, visit, mend } = await openBroken(rejected, ['talk', 'read', 'approve'])
  mend()
  await send(visit, talk, { body: hello, headers: ANN })
  const path = '/v1/goals/ann:talk.m1/rounds/1'
  const refused = await send(visit, path, { headers: ANN })
  expect([refused.status, refused.document.code]).toEqual([404, 'not_found'])
  expect(JSON.stringify(refused.document)).not.toMatch(SECRET)
  const { token } = await runtime.access.keys.create({ name: 'staff', owner: 'ann', scopes: ['read'] })
  const { document } = await send(fetch, path, { headers: { authorization: `Bearer ${token}` } })
  expect(document).toMatchObject({ messages: [{ role: 'system' }, { role: 'user', text: 'Hello.' }], changed: [] })
  expect(document.messages[0].text).toContain('You keep notes.')
})

it('a visitor does not read why a model was asked again, and the operator does', async () => {
  const failed_generation = '<function=filesystem_list{"path": "."}</function>'
  const message = 'Failed to call a function: Incorrect sk-a1.'
  const responseBody = JSON.stringify({ error: { message, code: 'tool_use_failed', failed_generation } })
  const broken = { error: { statusCode: 400, message, responseBody }, times: 1 }
  const { runtime, visit, read } = await openBroken(broken, ['talk', 'read', 'approve'])
  const { status } = await send(visit, talk, { body: hello, headers: ANN })
  expect(status).toBe(200)
  const path = '/v1/goals/ann:talk.m1'
  const document = await read(path)
  expect(JSON.parse(document)).toMatchObject({ answer: 'Hello.', rounds: [{ text: 'Hello.' }] })
  expect(document).not.toMatch(SECRET)
  expect(await runtime.goals.get('ann:talk.m1')).toMatchObject({
    rounds: [{ again: [{ message: expect.stringContaining('Incorrect sk-a1') }] }],
  })
})

it('a visitor does not read why an agent cannot begin', async () => {
  const { visit, write } = await openBroken(rejected)
  write('agents/clerk.md', '---\ndescription: d\nmodel: opnai/gpt-5\n---\nHelp.\n')
  const { status, document } = await send(visit, talk, { body: hello, headers: ANN })
  expect([status, document.code, document.detail]).toEqual([400, 'invalid_agent', 'The service is not available now'])
  expect(document.hint).toBeUndefined()
})

it('a visitor with `read` finds no name of a model, and why its work waits only in its own words', async () => {
  const { runtime, fetch, read, visit, mend } = await openBroken(rejected, ['talk', 'read', 'run', 'approve', 'ask'])
  await send(visit, talk, { body: { ...hello, wait: false }, headers: ANN })
  await until(async () => (await runtime.inbox.list()).length === 1)
  const goal = '/v1/actors/ann%3Atalk/why'
  const why = await read(goal)
  expect(why).not.toMatch(SECRET)
  expect(why).toContain('"title":"The service is not available now"')
  const { token } = await runtime.access.keys.create({ name: 'staff', owner: 'ann', scopes: ['read'] })
  const headers = { authorization: `Bearer ${token}` }
  expect(JSON.stringify((await send(fetch, goal, { headers })).document)).toContain('Incorrect sk-a1')
  mend()
  const { document } = await send(visit, '/v1/conversations/well/messages', { body: hello, headers: ANN })
  expect(document).toMatchObject({ status: 'completed' })
  const step = "{ id: say, action: generate-text, parameters: { prompt: 'Hello.' } }"
  await runtime.runs.start({ source: { text: `{ name: Note, steps: [${step}] }` }, owner: 'ann', id: 'r1' })
  for await (const _ of runtime.runs.events('r1'));
  expect(JSON.stringify(await runtime.runs.get('r1'))).toContain('lab/one')
  const asks = (await runtime.threads.get('ann:well')).asks.map(({ id }) => id)
  const paths = [
    ...['', '/steps', '/steps/say', '/page', '/source'].map((end) => `/v1/runs/r1${end}`),
    ...['', '/messages', ...asks.map((ask) => `/asks/${ask}`)].map((end) => `/v1/threads/well${end}`),
    ...['/v1/runs?details=true', '/v1/threads', '/v1/goals', '/v1/goals/ann:well.m1', '/v1/agents', '/v1/caller'],
    ...asks.map((ask) => `/v1/asks/${ask}/trace`),
  ]
  for (const path of paths) expect([path, await read(path)]).toEqual([path, expect.not.stringMatching(SECRET)])
  for (const path of ['/v1/runs/r1/events', '/v1/goals/ann:well.m1/events']) {
    const events = await (await visit(new Request(`https://shop.example${path}`))).text()
    expect([path, events]).toEqual([path, expect.stringMatching(/(run|goal)-end/)])
    expect([path, events]).toEqual([path, expect.not.stringMatching(SECRET)])
  }
})
