import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createClient } from '../../../../src/engine/restate/client/client.ts'
import { connectServers, MAX_CONCURRENT, RECONNECT_TIMEOUT_MS } from '../../../../src/engine/restate/client/failover.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A server that remembers what it was asked under which id, and dies when it is told to. */
async function openServer(answer: Answer) {
  const asked: unknown[] = []
  const server = createServer((request, response) => {
    asked.push(request.headers['idempotency-key'])
    answer(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const die = () => {
    server.close()
    server.closeAllConnections()
  }
  onTestFinished(die)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, die, server }
}

const says =
  (status: number, body = '"well"'): Answer =>
  (_, response) =>
    response.writeHead(status).end(body)

const CALL = { service: 'antiphon.run', key: 'a', handler: 'take', body: {}, id: 'one' }

it.each([
  ['is not there', undefined],
  ['is away', says(503)],
  ['is in trouble', says(500)],
  [
    'dies in the middle of its answer',
    (_: IncomingMessage, response: ServerResponse) => {
      response.writeHead(200, { 'content-length': 100 }).write('"we')
      setImmediate(() => response.destroy())
    },
  ],
])('a server that %s: the next one is asked under the same id, and first from then on', async (_, answer) => {
  const first = await openServer(answer ?? says(200))
  if (!answer) first.die()
  const second = await openServer(says(200))
  const client = createClient({ ingress: [first.url, second.url], admin: [] })
  expect(await client.call(CALL)).toEqual({ status: 200, body: 'well' })
  expect(await client.call(CALL)).toEqual({ status: 200, body: 'well' })
  expect(first.asked).toEqual(answer ? ['one'] : [])
  expect(second.asked).toEqual(['one', 'one'])
})

it('a caller waiting at a server that dies waits at the next one', async () => {
  const first = await openServer(() => first.die())
  const second = await openServer(says(200))
  const client = createClient({ ingress: [first.url, second.url], admin: [] })
  expect(await client.attach('reply', 'a')).toBe('well')
  expect([first.asked.length, second.asked.length]).toEqual([1, 1])
})

it('a caller keeps waiting for an answer over restarts of the server, however long it was down', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const server = await openServer((_, response) => {
    if (server.asked.length === 3) return response.end('"well"')
    vi.advanceTimersByTime(RECONNECT_TIMEOUT_MS + 1_000)
    response.destroy()
  })
  const client = createClient({ ingress: server.url, admin: [] })
  expect(await client.attach('reply', 'a')).toBe('well')
  expect(server.asked.length).toBe(3)
})

it('a refusal by all of them is reported, after each was asked once', async () => {
  const servers = await Promise.all([openServer(says(500, 'no')), openServer(says(500, 'no'))])
  const client = createClient({ ingress: servers.map(({ url }) => url), admin: [] })
  await expect(client.call(CALL)).rejects.toMatchObject({ message: 'Restate answered 500: no' })
  expect(servers.map(({ asked }) => asked)).toEqual([['one'], ['one']])
})

it('a server that did not answer is named', async () => {
  const servers = await Promise.all([openServer(says(200)), openServer(says(200))])
  const urls = servers.map(({ url }) => url)
  servers[0]!.die()
  const message = expect.stringMatching(new RegExp(`^No Restate server can be reached at ${urls.join(', ')}: .`))
  await expect(connectServers(urls).fetchOnce('/', {})).rejects.toMatchObject({ code: 'busy', message })
  expect(servers[1]!.asked).toEqual([])
})

it('servers that are all away are asked again until one is back', async () => {
  let isBack = false
  const one = await openServer((_, response) => {
    response.writeHead(isBack ? 200 : 503).end()
    isBack = true
  })
  const { status } = await connectServers([one.url]).fetch('/', {})
  expect(status).toBe(200)
  expect(one.asked.length).toBe(2)
})

it('thousands of messages share a few connections, and a caller that waits long blocks none of them', async () => {
  let open = 0
  let connections = 0
  let most = 0
  const server = await openServer((request, response) => {
    if (request.url!.endsWith('/take')) return
    most = Math.max(most, ++open)
    setImmediate(() => {
      open--
      response.end('{}')
    })
  })
  server.server.on('connection', () => connections++)
  const client = createClient({ ingress: server.url, admin: [] })
  const leaving = new AbortController()
  const waiting = Array.from({ length: MAX_CONCURRENT.short + 1 }, (_, n) =>
    client.call({ ...CALL, id: `${n}`, waits: true, signal: leaving.signal }),
  )
  await Promise.all(Array.from({ length: 3_000 }, () => client.send(CALL)))
  expect(most).toBeGreaterThan(1)
  expect(most).toBeLessThanOrEqual(MAX_CONCURRENT.short)
  expect(connections).toBeLessThan(1_000)
  leaving.abort(new Error('enough'))
  for (const asked of waiting) await expect(asked).rejects.toThrow('enough')
})
