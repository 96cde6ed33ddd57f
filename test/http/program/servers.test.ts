import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve as serveHono } from '@hono/node-server'
import { Hono } from 'hono'
import { expect, it, onTestFinished } from 'vitest'
import { createClient } from '../../../src/http/client/client.ts'
import { type FetchHandler, toNodeListener } from '../../../src/index.ts'
import { until } from '../../../src/testing/until.ts'
import { answer } from '../../agent/goal/folder.ts'
import { ANN, byUser, openMounts } from './mounts.ts'

type Server = ReturnType<typeof createServer>
type Listener = (incoming: IncomingMessage, outgoing: ServerResponse, next?: unknown) => unknown

// the package has no types of its own
type Express = Listener & { use(...given: readonly (string | Listener)[]): Express }
type ExpressModule = { (): Express; json(): Listener; urlencoded(options: object): Listener }
const express = (await import('express' as string)).default as ExpressModule

async function listen(server: Server): Promise<string> {
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What a person writes to mount a handler under /ai, by the framework. */
const FRAMEWORKS: { readonly [name: string]: (handler: FetchHandler) => Promise<string> } = {
  async Hono(handler) {
    const site = new Hono()
    site.all('/ai/*', (context) => handler(context.req.raw))
    const server = serveHono({
      fetch: site.fetch,
      port: 0,
      hostname: '127.0.0.1',
      overrideGlobalObjects: false,
    }) as Server
    return listen(server)
  },
  async Express(handler) {
    return listen(createServer(express().use('/ai', toNodeListener(handler))))
  },
  async 'Express with parsers'(handler) {
    const site = express()
    site.use(express.json()).use(express.urlencoded({ extended: true }))
    return listen(createServer(site.use('/ai', toNodeListener(handler))))
  },
}

for (const [name, serve] of Object.entries(FRAMEWORKS))
  it(`serves an owner in ${name}: a conversation, its stream, and the end of both`, async () => {
    const { byUser, stop } = await openMounts({ script: [answer('Hello, Ann.')], serve: { streams: 1 } })
    const base = `${await serve(byUser('/ai'))}/ai`
    const { conversations, goals } = createClient(fetch, { base, headers: ANN })
    const message = { conversation: 'talk', agent: 'clerk', text: 'Grüße 🙂', id: 'm1' }
    expect(await conversations.send(message)).toMatchObject({ status: 'completed', answer: 'Hello, Ann.' })
    expect((await goals.get('ann:talk.m1')).goal).toBe('Grüße 🙂')
    expect((await fetch(`${base}/v1/runs`)).status).toBe(401)
    expect((await fetch(`${base}/v1/keys`, { headers: ANN })).status).toBe(404)

    const follow = () => fetch(`${base}/v1/conversations/talk/events`, { headers: ANN, signal: leaving.signal })
    let leaving = new AbortController()
    const first = (await follow()).body!.getReader()
    await first.read()
    expect((await follow()).status).toBe(429)
    // the place is free as soon as the connection is closed
    leaving.abort()
    leaving = new AbortController()
    const response = await until(async () => {
      const again = await follow()
      return again.status === 200 && again
    })
    const reading = response.text()
    await stop({ grace: 0 })
    expect(await reading).toContain('come back, and read on')
    expect((await fetch(`${base}/v1/runs`, { headers: ANN })).status).toBe(503)
  })

it('passes on forms and texts that a server has parsed, and refuses what Node cannot read', async () => {
  const seen: string[] = []
  const handler = async (request: Request) => {
    seen.push(`${request.method} ${new URL(request.url).pathname} ${await request.text()}`)
    return new Response(null, { status: 204 })
  }
  const base = await FRAMEWORKS['Express with parsers']!(handler)
  const post = (body: string, type: string) =>
    fetch(`${base}/ai/x`, { method: 'POST', body, headers: { 'content-type': type } })
  await post('action=approve&reason=a%26b', 'application/x-www-form-urlencoded')
  await post('{ "a": [1, "é"] }', 'application/json')
  await post('as it is', 'text/plain')
  await fetch(`${base}/ai/y?q=1`)
  expect(seen).toEqual([
    'POST /ai/x action=approve&reason=a%26b',
    'POST /ai/x {"a":[1,"é"]}',
    'POST /ai/x as it is',
    'GET /ai/y ',
  ])
  expect(await statusOf(base, '/ai/x', { host: 'a b' })).toBe(400)
})

/** The status of a GET whose path is sent as it is. */
function statusOf(base: string, path: string, headers = {}): Promise<number | undefined> {
  const { port } = new URL(base)
  return new Promise((resolve) =>
    request({ port, path, headers }, (answered) => resolve(answered.resume().statusCode)).end(),
  )
}

it('does not leave the paths that Express has opened', async () => {
  const { byUser } = await openMounts()
  const site = express().use('/ai/v1/conversations', toNodeListener(byUser('/ai')))
  const base = await listen(createServer(site))
  const from = `${base}/ai/v1/conversations`
  expect((await fetch(`${from}/x/messages/m`, { headers: ANN })).status).toBe(404)
  for (const path of [
    '../runs',
    '%2e%2E/runs',
    'x/../../runs',
    './../runs?a',
    '..\\runs',
    '..%2fruns',
    '//../../runs',
  ]) {
    const status = await statusOf(base, `/ai/v1/conversations/${path}`, ANN)
    expect([path, status]).toEqual([path, path.includes('%2f') ? 404 : 400])
  }
  expect(await statusOf(base, '/ai/v1/runs', ANN)).toBe(404)
})

it('serves the front end of one agent alone, where only its path is mounted', async () => {
  const { byUser } = await openMounts({ script: [answer('Hello, Ann.')] })
  const site = express().use('/ai/v1/agents/clerk/chat', toNodeListener(byUser('/ai')))
  const base = `${await listen(createServer(site))}/ai/v1`
  const parts = [{ type: 'text', text: 'Hello.' }]
  const body = JSON.stringify({ id: 'talk', messages: [{ id: 'm1', role: 'user', parts }] })
  const post = { method: 'POST', headers: { ...ANN, 'content-type': 'application/json' }, body }
  expect(await (await fetch(`${base}/agents/clerk/chat`, post)).text()).toContain('"delta":"Ann."')
  const again = await fetch(`${base}/agents/clerk/chat/talk/stream`, { headers: ANN })
  expect(await again.text()).toContain('[DONE]')
  for (const path of ['agents/other/chat', 'agents/clerk/goals', 'agents', 'conversations/talk/stop'])
    expect((await fetch(`${base}/${path}`, post)).status).toBe(404)
})

it('is served by node:http alone', async () => {
  const { fetch: handler, runtime } = await openMounts()
  const base = await listen(createServer(toNodeListener(handler)))
  const { token } = await runtime.access.keys.create({ name: 'ann', owner: 'ann', scopes: ['read'] })
  expect(await createClient(fetch, { base, headers: { authorization: `Bearer ${token}` } }).runs.list()).toEqual([])
  expect((await fetch(`${base}/v1/runs`)).status).toBe(401)
})

/** The file app/ai/[...path]/route.ts of Next.js. */
it('is the handler of a route in Next.js', async () => {
  const { handler } = await openMounts()
  const serve = handler(byUser('/ai'))
  const route = { GET: serve, POST: serve, PUT: serve, PATCH: serve, DELETE: serve }
  const context = { params: Promise.resolve({ path: ['v1', 'agents', 'clerk', 'goals'] }) }
  const sent = new Request('http://localhost:3000/ai/v1/agents/clerk/goals', {
    method: 'POST',
    headers: { ...ANN, 'content-type': 'application/json', host: 'shop.example', origin: 'https://shop.example' },
    body: JSON.stringify({ goal: 'Say hello.' }),
  })
  const response = await (route.POST as (request: Request, context: object) => Promise<Response>)(sent, context)
  expect([response.status, response.headers.get('location')]).toEqual([
    202,
    expect.stringMatching(/^\/ai\/v1\/goals\//),
  ])
})
