import { once } from 'node:events'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, it, onTestFinished } from 'vitest'
import { DEFAULT_SERVE } from '../../../src/config/serve.ts'
import { createClient } from '../../../src/http/client/client.ts'
import { exchange } from '../../../src/http/client/transport/node-http.ts'
import { socketFetch } from '../../../src/http/client/transport/unix-socket.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { serve, serveSocket } from '../../../src/http/server/serve.ts'
import { collect, openApp } from '../bench.ts'

async function openServed(folder?: string) {
  const opened = openApp()
  const served = await serveSocket(opened.app, folder ?? opened.folder)
  onTestFinished(() => served.close())
  return { ...opened, served, client: createClient(socketFetch(served.socket)) }
}

it('answers on a socket that is for this user alone, and removes it', async () => {
  const { served, client, folder, file } = await openServed()
  expect(served.socket).toBe(join(folder, 'socket'))
  expect(statSync(served.socket).mode & 0o777).toBe(0o600)
  const { id } = await client.runs.start({ file: file(['one']) })
  expect((await collect(client.runs.events(id))).at(-1)).toMatchObject({ n: 4, body: { type: 'run-end' } })
  await served.close()
  await served.close()
  expect(existsSync(served.socket)).toBe(false)
})

it('answers elsewhere when the path is too long for a socket', async () => {
  const { folder } = openApp()
  const deep = join(folder, 'd'.repeat(100))
  mkdirSync(deep)
  const { served, client } = await openServed(deep)
  expect(served.socket.length).toBeLessThanOrEqual(100)
  expect(statSync(join(served.socket, '..')).mode & 0o777).toBe(0o700)
  expect(await client.status()).toMatchObject({ pid: process.pid })
  await served.close()
  expect(existsSync(join(served.socket, '..'))).toBe(false)
})

it('answers elsewhere where the file system keeps no sockets', async () => {
  const { folder } = openApp()
  const { served, client } = await openServed(join(folder, 'absent'))
  expect(await client.status()).toMatchObject({ pid: process.pid })
  await served.close()
  expect(existsSync(join(served.socket, '..'))).toBe(false)
})

it('takes the place of a socket that is left from before', async () => {
  const { served: left, folder } = await openServed()
  const { client, folder: data } = await openServed(folder)
  expect(existsSync(left.socket)).toBe(true)
  expect(await client.status()).toMatchObject({ data })
})

it('sends events as they happen, not when they end', async () => {
  const { client, file, folder } = await openServed()
  const { id } = await client.runs.start({ file: file([`one wait ${folder}/go`]) })
  const events = client.runs.events(id)[Symbol.asyncIterator]()
  expect((await events.next()).value).toMatchObject({ body: { type: 'run-start' } })
  expect((await events.next()).value).toMatchObject({ body: { type: 'step-start' } })
  file([''], 'go')
  expect((await events.next()).value).toMatchObject({ body: { type: 'step-end' } })
})

it('counts a visitor until it leaves', async () => {
  const { client, served } = await openServed()
  // to prove which process this is takes requests of its own
  await client.status()
  const before = served.visitors.total()
  const leaving = new AbortController()
  expect(await client.attend(leaving.signal)).toMatchObject({ pid: process.pid })
  expect([served.visitors.open(), served.visitors.total() - before]).toEqual([1, 1])
  leaving.abort()
  await served.visitors.gone()
  expect([served.visitors.open(), served.visitors.total() - before]).toEqual([0, 1])
})

it('refuses everybody once it is about to end', async () => {
  const { client, served } = await openServed()
  served.refuse()
  const error = await client.status().catch((error: unknown) => error)
  expect(error).toMatchObject({ name: 'BusyError', code: 'busy' })
})

it('refuses in words that a page may read, on a connection that is not used again; its health stays', async () => {
  const { runtime } = openApp()
  const origin = 'https://app.example'
  const app = createApp(runtime, { serve: { ...DEFAULT_SERVE, origins: [origin] } })
  const served = await serve(app, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => served.close())
  served.refuse()
  const at = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${served.port}${path}`, { ...init, headers: { ...init.headers, origin } })
  const preflight = { method: 'OPTIONS', headers: { 'access-control-request-method': 'POST' } }
  const asked = await Promise.all([at('/v1/runs'), at('/v1/ready'), at('/v1/runs', preflight), at('/v1/health')])
  expect(asked.map(({ status }) => status)).toEqual([503, 503, 204, 200])
  for (const { headers } of asked) {
    expect(headers.get('x-request-id')).toMatch(/^[\w-]{36}$/)
    expect(headers.get('access-control-allow-origin')).toBe(origin)
  }
  const { headers } = asked[0]!
  expect([headers.get('retry-after'), headers.get('connection')]).toEqual(['1', 'close'])
})

it('keeps a connection that is idle for longer than load balancers do', async () => {
  const served = await serve(openApp().app, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => served.close())
  const { headers } = await fetch(`http://127.0.0.1:${served.port}/v1/health`)
  expect(headers.get('keep-alive')).toBe('timeout=75')
})

it('tells a client that the connection is lost, before and during an answer', async () => {
  const { client, served, file, folder } = await openServed()
  const { id } = await client.runs.start({ file: file([`one wait ${folder}/go`]) })
  const events = client.runs.events(id)[Symbol.asyncIterator]()
  await events.next()
  await events.next()
  const cut = events.next().catch((error: unknown) => error)
  await served.close()
  expect(await cut).toMatchObject({ code: 'owner_gone' })
  expect(await client.status().catch((error: unknown) => error)).toMatchObject({ code: 'owner_gone' })
  file([''], 'go')
})

it('sends JSON in one piece, with its length; a problem, too; to a HEAD nothing', async () => {
  const { app } = openApp()
  const served = await serve(app, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => served.close())
  const at = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${served.port}${path}`, init)
  const [status, problem, head] = await Promise.all([
    at('/v1/status'),
    at('/v1/no'),
    at('/v1/status', { method: 'HEAD' }),
  ])
  const bytes = (response: Response) => response.headers.get('content-length')
  for (const response of [status, problem]) {
    expect(response.headers.get('transfer-encoding')).toBeNull()
    expect(bytes(response)).toBe(String((await response.clone().arrayBuffer()).byteLength))
  }
  expect(await status.json()).toMatchObject({ pid: process.pid })
  expect([problem.status, problem.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
  expect([head.status, await head.text()]).toEqual([200, ''])
})

it('a client reads why a large body is refused, although it still sends it', async () => {
  // in the same thread, the client would not send while the server answers
  const server = new Worker(new URL('./refusing.ts', import.meta.url))
  onTestFinished(async () => void (await server.terminate()))
  const [port] = await once(server, 'message')
  const body = 'x'.repeat(4 * 1024 * 1024)
  for (let n = 0; n < 20; n++) {
    const request = new Request('http://127.0.0.1/', { method: 'POST', body })
    const response = await exchange({ hostname: '127.0.0.1', port, path: '/' }, request)
    expect([response.status, await response.text()]).toEqual([413, '{}'])
  }
})
