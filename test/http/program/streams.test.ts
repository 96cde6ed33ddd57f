import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { defineAgent, type FetchHandler, start } from '../../../src/index.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'
import { until } from '../../../src/testing/until.ts'
import { ANN, openMounts, send } from './mounts.ts'

/** A conversation with one answer, and its stream under a limit of one. */
async function openTalk(streams = 1) {
  const mounts = await openMounts({ serve: { streams } })
  const handler = mounts.byUser()
  const body = { agent: 'clerk', text: 'Hello.', wait: true }
  await send(handler, '/v1/conversations/talk/messages', { body, headers: ANN })
  const follow = (init: RequestInit = {}, headers = {}) =>
    send(handler, '/v1/conversations/talk/events', { ...init, headers: { ...ANN, ...headers } })
  return { ...mounts, follow }
}

/** Reads a stream until it has the text. */
async function readUntil(response: Response, wanted: string) {
  const reader = response.body!.getReader()
  let text = ''
  while (!text.includes(wanted)) {
    const { done, value } = await reader.read()
    if (done) break
    text += new TextDecoder().decode(value)
  }
  return { reader, text }
}

const isFree = async (follow: Awaited<ReturnType<typeof openTalk>>['follow']) => {
  const { status, response } = await follow()
  if (status === 200) await response.body?.cancel()
  return status === 200
}

it('streams, goes on after an event, and frees the place of a reader who leaves', async () => {
  const { follow } = await openTalk()
  const { response, status } = await follow()
  expect([status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  const { reader, text } = await readUntil(response, 'ask-end')
  expect(text).toMatch(/^retry: 1000\n\nid: 1\nevent: event\n/)
  expect((await follow()).status).toBe(429)
  await reader.cancel()
  const rest = await follow({}, { 'last-event-id': '2' })
  const again = await readUntil(rest.response, 'ask-end')
  expect(again.text).not.toContain('ask-start')
  await again.reader.cancel()
  expect(await isFree(follow)).toBe(true)
})

it('frees the place when the client is gone, also before anybody reads', async () => {
  const { follow } = await openTalk()
  for (const reads of [true, false]) {
    const leaving = new AbortController()
    const { response } = await follow({ signal: leaving.signal })
    if (reads) await readUntil(response, 'ask-start')
    expect((await follow()).status).toBe(429)
    leaving.abort()
    expect(await isFree(follow)).toBe(true)
  }
  expect((await follow({ signal: AbortSignal.abort() })).status).toBe(200)
  expect((await follow({ method: 'HEAD' })).status).toBe(200)
  expect(await isFree(follow)).toBe(true)
})

it('ends a stream that nobody reads, and keeps one alive that somebody reads', async () => {
  const { follow, clock } = await openTalk(2)
  const unread = await follow()
  const { response } = await follow()
  const { reader } = await readUntil(response, 'ask-end')
  const next = reader.read()
  for (let n = 0; n < 4; n++) await clock.advance(15_000)
  expect(new TextDecoder().decode((await next).value)).toContain(': still there')
  expect(await new Response(unread.response.body).text()).toBe('')
  expect(await isFree(follow)).toBe(true)
  await reader.cancel()
})

it('ends a stream after an hour, so that its reader authenticates again', async () => {
  const { follow, clock } = await openTalk()
  const { response } = await follow()
  const { reader } = await readUntil(response, 'ask-end')
  let text = ''
  const reading = (async () => {
    for (let read = await reader.read(); !read.done; read = await reader.read())
      text += new TextDecoder().decode(read.value)
    return true
  })()
  for (let minute = 0; minute <= 61; minute++) await clock.advance(60_000)
  expect(await reading).toBe(true)
  expect(text).toContain('let in no more')
  expect(await isFree(follow)).toBe(true)
})

it('ends with the key of its reader', async () => {
  const { fetch, runtime, clock, follow } = await openTalk()
  expect(await isFree(follow)).toBe(true)
  const { token, id } = await runtime.access.keys.create({ name: 'ann', owner: 'ann', scopes: ['read'] })
  const headers = { authorization: `Bearer ${token}` }
  const { response } = await send(fetch, '/v1/conversations/talk/events', { headers })
  const { reader } = await readUntil(response, 'ask-end')
  await runtime.access.keys.revoke(id)
  const next = reader.read()
  await clock.advance(15_000)
  await next
  await until(async () => (await reader.read()).done)
})

it('ends streams and refuses requests when the program stops', async () => {
  const { follow, stop } = await openTalk(2)
  const unread = await follow()
  const { response } = await follow()
  const { reader } = await readUntil(response, 'ask-end')
  await stop({ grace: 0 })
  await until(async () => (await reader.read()).done)
  expect(await new Response(unread.response.body).text()).toContain('come back')
  expect(await follow()).toMatchObject({ status: 503, code: 'busy' })
})

it('is part of a program, and ends with it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-mounts-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const agent = defineAgent({ name: 'clerk', instructions: 'You help.', model: 'lab/one' })
  const model = scriptedModel([{ reply: 'Hello.' }], 'lab/one')
  let handler: FetchHandler
  let reading: Promise<string>
  {
    const prices = { 'lab/one': { input: 1, output: 1 } }
    await using app = await start({ folder, agents: [agent], models: { 'lab/one': model }, prices })
    const { fetch } = app
    expect((await send(fetch, '/v1/runs')).status).toBe(401)
    handler = app.handler({ owner: ({ headers }) => headers.get('user') })
    await app.conversation(agent, 'talk', { owner: 'ann' }).send('Hello.')
    const { response } = await send(handler, '/v1/conversations/talk/events', { headers: ANN })
    const { reader } = await readUntil(response, 'ask-end')
    reading = (async () => {
      let text = ''
      for (let read = await reader.read(); !read.done; read = await reader.read())
        text += new TextDecoder().decode(read.value)
      return text
    })()
  }
  expect(await reading).toMatch(/come back|stopped/)
  expect((await send(handler, '/v1/runs', { headers: ANN })).status).toBe(503)
})
