import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { RetryableError, TerminalError } from '../../../src/errors.ts'
import type { FollowedEvent } from '../../../src/house/describe.ts'
import { createClient } from '../../../src/http/client/client.ts'
import { networkFetch } from '../../../src/http/client/transport/network.ts'
import { persistentFetch } from '../../../src/http/client/transport/retry.ts'
import type { Fetch } from '../../../src/http/client/transport/unix-socket.ts'
import { problemResponse } from '../../../src/http/wire/response-headers.ts'
import { simulatedClock } from '../../../src/testing/clock.ts'

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

it('sends the key and the path below that of the server', async () => {
  const seen: unknown[] = []
  const url = await listen(({ url: path, headers }, response) => {
    seen.push([path, headers.authorization])
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"items":[]}')
  })
  await createClient(networkFetch({ url: `${url}/antiphon/`, key: 'ak_1_2' })).runs.list()
  await createClient(networkFetch({ url })).runs.list({ limit: 1 })
  expect(seen).toEqual([
    ['/antiphon/v1/runs', 'Bearer ak_1_2'],
    ['/v1/runs?limit=1', undefined],
  ])
})

it.each<[what: string, status: number, headers: { [name: string]: string }, code: string, text: RegExp]>([
  [
    'a page',
    200,
    { 'content-type': 'text/html' },
    'no_server',
    /No antiphon server answers at http.*: .* with status 200/,
  ],
  ['nothing there', 404, { 'content-type': 'text/html' }, 'no_server', /with status 404/],
  ['a way elsewhere', 308, { location: 'https://a.example/' }, 'no_server', /redirects to https:\/\/a\.example\//],
  ['a proxy alone', 502, { 'content-type': 'text/html' }, 'unreachable', /does not answer: .* with status 502/],
])('tells %s from an answer', async (_, status, headers, code, text) => {
  const url = await listen((_request, response) => response.writeHead(status, headers).end('<html>'))
  const error = await createClient(networkFetch({ url }))
    .runs.list()
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code, message: expect.stringMatching(text), hint: expect.any(String) })
})

it('has an end for who has all events of what is over already', async () => {
  const url = await listen((_request, response) => response.writeHead(204).end())
  const client = createClient(networkFetch({ url }), { base: url, reconnect: { patience: 0, pause: 0 } })
  for await (const happening of client.runs.events('run_1', { after: 4 })) expect(happening).toBe('none')
})

it('throws what the server threw', async () => {
  const problem = { name: 'NotFoundError', code: 'not_found', detail: 'There is no run x.', status: 404 }
  const url = await listen((_request, response) =>
    response.writeHead(404, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem)),
  )
  await expect(createClient(networkFetch({ url })).runs.get('x')).rejects.toMatchObject({
    name: 'NotFoundError',
    message: 'There is no run x.',
  })
})

it('says of an address that nobody listens there, and of what is none that it is none, without repeating it', async () => {
  const gone = await listen(() => {})
  const { port } = new URL(gone)
  await expect(createClient(networkFetch({ url: 'http://127.0.0.1:1' })).runs.list()).rejects.toMatchObject({
    code: 'unreachable',
    message: 'The server at http://127.0.0.1:1 does not answer: no server listens there.',
  })
  await expect(createClient(networkFetch({ url: `https://127.0.0.1:${port}` })).runs.list()).rejects.toMatchObject({
    message: expect.stringContaining('does not answer'),
  })
  for (const url of ['antiphon.example', 'ftp://a.example', 'https://me:secret@a.example'])
    expect(() => networkFetch({ url })).toThrow(/Expected the address of a server\./)
  expect(() => networkFetch({ url: 'https://a.example', key: 'ak_a\nb' })).toThrow(/^Expected an API key\.$/)
})

const busy = () => Response.json({}, { status: 503, headers: { 'retry-after': '7' } })

it('asks again as the server says, with the same body, and reports a long wait', async () => {
  const clock = simulatedClock()
  const bodies: string[] = []
  const said: string[] = []
  const answers = [busy, busy, () => Promise.reject(lost()), () => Response.json({ id: 'run_1' })]
  const fetch: Fetch = async (request) => {
    bodies.push(await request.text())
    return answers[bodies.length - 1]!()
  }
  const tell = { lost: () => said.push('lost'), back: () => said.push('back') }
  const client = createClient(persistentFetch(fetch, { clock, patience: 60_000, ...tell }))
  const started = client.runs.start({ file: '/p.yaml' })
  await clock.advance(13_999)
  expect([bodies.length, said]).toEqual([2, []])
  await clock.advance(1_001)
  expect([bodies.length, said]).toEqual([4, ['lost', 'back']])
  expect(await started).toEqual({ id: 'run_1' })
  expect(new Set(bodies).size).toBe(1)
  expect(JSON.parse(bodies[0]!)).toEqual({
    file: '/p.yaml',
    id: expect.stringMatching(/^run_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  })
})

it('gives up at last, and never asks again what was refused', async () => {
  const clock = simulatedClock()
  let tries = 0
  const fetch: Fetch = async () => {
    tries++
    throw lost()
  }
  const given = createClient(persistentFetch(fetch, { clock, patience: 10_000 })).runs.list()
  given.catch(() => {})
  await clock.advance(11_000)
  await expect(given).rejects.toMatchObject({ code: 'unreachable' })
  expect(tries).toBe(6)
  const refusing: Fetch = () => {
    tries++
    return problemResponse(new TerminalError('no', { code: 'unauthenticated' }))
  }
  const refused = createClient(persistentFetch(refusing, { clock, patience: 10_000 })).runs.list()
  await expect(refused).rejects.toMatchObject({ code: 'unauthenticated' })
  expect(tries).toBe(7)
})

const lost = () => new RetryableError('gone', { code: 'unreachable' })

it('reads events on where a connection broke off: each once, in order, to the end', async () => {
  const asked: unknown[] = []
  const parts = ['id: 1\ndata: {"type":"run-start"}\n\nid: 2\ndata: {"ty', 'id: 2\ndata: {"type":"a"}\n\n: x\n\n', '']
  const url = await listen(({ headers }, response) => {
    asked.push(headers['last-event-id'])
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(parts[asked.length - 1] ?? 'id: 3\ndata: {"type":"run-end"}\n\nid: 4\ndata: {"type":"b"}\n\n')
    setImmediate(() => response.destroy())
  })
  const client = createClient(networkFetch({ url }), {
    base: 'http://antiphon',
    reconnect: { patience: 1_000, pause: 1 },
  })
  const seen: FollowedEvent[] = []
  for await (const happening of client.runs.events('run_1')) seen.push(happening)
  expect(seen.map(({ n }) => n)).toEqual([1, 2, 3])
  expect(asked).toEqual([undefined, '1', '2', '2'])
})
