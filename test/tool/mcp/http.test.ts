import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { HttpServer } from '../../../src/tool/mcp/settings.ts'
import { EVERYTHING, openServer } from './bench.ts'
import { fixture } from './fixture.ts'

const listen = async (answer: RequestListener): Promise<string> => (await open(answer)).url

async function open(answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` }
}

/** Our own server over HTTP, and the requests that it got. */
async function serveFixture(before: RequestListener = () => {}) {
  const requests: { readonly method?: string | undefined; readonly headers: IncomingMessage['headers'] }[] = []
  const handler = createMcpHandler(() => fixture({}))
  const { url, server } = await open(async (request, response) => {
    requests.push({ method: request.method, headers: request.headers })
    before(request, response)
    if (response.writableEnded || response.headersSent) return
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}
    const answer = await handler.fetch(new Request(url, { method: request.method!, headers, ...body }))
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  return { url, server, requests }
}

const http = (url: string, more: Partial<HttpServer> = {}): HttpServer => ({
  ...({ type: 'http', from: 'antiphon.yaml', url, headers: {} } as const),
  ...more,
})

describe('a server over HTTP', () => {
  it('is reached although its address is private, with its headers and secrets', async () => {
    const { url, requests } = await serveFixture()
    const server = http(url, { headers: { Authorization: 'Bearer secret://fix', 'X-Team': 'tide' } })
    const { call } = openServer(server, { secrets: { fix: 'hidden' } })
    expect(await call('note', { line: 'ebb' })).toMatchObject({ text: 'noted ebb' })
    expect(requests.every(({ headers }) => headers.authorization === 'Bearer hidden')).toBe(true)
    expect(requests.at(-1)).toMatchObject({ method: 'POST', headers: { 'x-team': 'tide' } })
  })

  it('of everybody works by the older revision, and its session ends', async () => {
    const port = await freePort()
    const child = spawn(process.execPath, [EVERYTHING, 'streamableHttp'], {
      env: { ...process.env, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let log = ''
    const ready = Promise.withResolvers<void>()
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        log += text
        if (log.includes('listening')) ready.resolve()
      })
    await ready.promise
    const { call, servers } = openServer(http(`http://127.0.0.1:${port}/mcp`))
    expect(await call('get-sum', { a: 2, b: 3 })).toMatchObject({ text: 'The sum of 2 and 3 is 5.' })
    expect(await call('trigger-long-running-operation', { duration: 0.2, steps: 2 })).toMatchObject({ data: null })
    await (await servers()).close()
    expect(log).toContain('session termination')
  })

  it('may ask a person', async () => {
    const { url } = await serveFixture()
    const { call } = openServer(http(url))
    await expect(call('ask')).rejects.toMatchObject({ code: 'question' })
  })
})

/** A server by hand, of the older revision: `reply` answers the calls of its tool. */
async function serveByHand(reply: (id: number, response: ServerResponse, request: IncomingMessage) => void) {
  const url = await listen(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { id, method } = body === '' ? { id: undefined, method: 'stream' } : JSON.parse(body)
    const server = {
      protocolVersion: '2025-06-18',
      capabilities: { tools: {} },
      serverInfo: { name: 'x', version: '1' },
    }
    if (method === 'tools/call' || method === 'stream') return reply(id, response, request)
    if (id === undefined) return response.writeHead(202).end()
    response.writeHead(method === 'server/discover' ? 500 : 200, { 'content-type': 'application/json' })
    response.end(
      message(id, method === 'initialize' ? server : { tools: [{ name: 'note', inputSchema: { type: 'object' } }] }),
    )
  })
  return openServer(http(url))
}

const message = (id: unknown, result: object) => JSON.stringify({ jsonrpc: '2.0', id, result })
const noted = { content: [{ type: 'text', text: 'noted' }] }
const long = (text: string) => text.replace('"LONG"', '1098765432109876543')
const JSON_TYPE = 'application/json'
const EVENTS = 'text/event-stream'

describe('a reply in another form than the protocol wants', () => {
  it.each<readonly [string, string, (id: number) => string | Buffer]>([
    [
      'events with comments, ids and pauses',
      EVENTS,
      (id) => `: hi\n\nretry: 5\nid: 7\ndata: ${message(id, noted)}\n\n`,
    ],
    ['events with other line ends', EVENTS, (id) => `event: result\rdata: ${message(id, noted)}\r\r`],
    ['an event without its end', EVENTS, (id) => `data: ${message(id, noted)}`],
    ['an event beside stray ones', EVENTS, (id) => `data: hello\n\ndata: ${message(id, noted)}\n\ndata: [DONE]\n\n`],
    ['an event with a list of messages', EVENTS, (id) => `data: [${message(id, noted)}]\n\n`],
    [
      'null fields in an event',
      EVENTS,
      (id) => `data: ${message(id, { ...noted, _meta: null }).replace('{', '{"error":null,')}\n\n`,
    ],
    ['null fields in JSON', JSON_TYPE, (id) => message(id, { ...noted, _meta: null }).replace('{', '{"error":null,')],
    ['JSON that is called events', EVENTS, (id) => message(id, noted)],
    ['JSON that is called text', 'text/plain', (id) => message(id, noted)],
  ])('is understood: %s', async (_, type, body) => {
    const { call } = await serveByHand((id, response) =>
      response.writeHead(200, { 'content-type': type }).end(body(id)),
    )
    expect(await call('note')).toMatchObject({ text: 'noted' })
  })

  it.each<readonly [string, string, (text: string) => string]>([
    ['an event of several lines', EVENTS, (text) => JSON.stringify(JSON.parse(text), null, 1).replace(/^/gm, 'data: ')],
    ['an event with a line separator', EVENTS, (text) => `data: ${text.replace('noted', '\u2028')}`],
    ['JSON with a byte order mark', JSON_TYPE, (text) => `\uFEFF${text}`],
  ])('keeps the digits of long numbers: %s', async (_, type, form) => {
    const { call } = await serveByHand((id, response) =>
      response
        .writeHead(200, { 'content-type': type })
        .end(long(form(message(id, { ...noted, structuredContent: { id: 'LONG' } })))),
    )
    expect(await call('note')).toMatchObject({ data: { id: '1098765432109876543' } })
  })

  it('that is not UTF-8 keeps its letters, with a notice', async () => {
    const { call, heard } = await serveByHand((id, response) =>
      response
        .writeHead(200, { 'content-type': JSON_TYPE })
        .end(Buffer.from(message(id, { content: [{ type: 'text', text: 'Zürich' }] }), 'latin1')),
    )
    expect(await call('note')).toMatchObject({ text: 'Zürich' })
    expect(heard).toContainEqual(expect.stringContaining('was read as windows-1252'))
  })

  it('that cannot be read as text is refused', async () => {
    const { call } = await serveByHand((id, response) =>
      response
        .writeHead(200, { 'content-type': `${JSON_TYPE}; charset=utf-8` })
        .end(Buffer.from(message(id, { content: [{ type: 'text', text: 'Zürich' }] }), 'latin1')),
    )
    const failed = call('note', {}, { effect: 'idempotent' })
    await expect(failed).rejects.toMatchObject({
      code: 'bad_response',
      message: expect.stringContaining('The MCP server fix'),
    })
  })

  it('is looked for in the stream that continues an ended one', async () => {
    let last: unknown
    const { call } = await serveByHand((id, response, { headers }) => {
      response.writeHead(200, { 'content-type': EVENTS })
      last = headers['last-event-id']
      response.end(last === undefined ? `id: ${id}\nretry: 1\ndata:\n\n` : `data: ${message(last, noted)}\n\n`)
    })
    expect(await call('note')).toMatchObject({ text: 'noted' })
    expect(last).toBeDefined()
  })
})

describe('a reply that never comes', () => {
  it.each<readonly [string, number, string, (id: number) => string, object]>([
    [
      'accepted',
      202,
      JSON_TYPE,
      () => '',
      { code: 'bad_response', message: expect.stringContaining('fix did not reply') },
    ],
    [
      'to another id',
      200,
      JSON_TYPE,
      () => message(99, noted),
      { message: expect.stringMatching(/expected the id \d+, got 99\.$/) },
    ],
    ['an ended stream', 200, EVENTS, () => ': hi\n\n', { code: 'mcp_gone', name: 'RetryableError' }],
    ['a stream that is not continued', 200, EVENTS, () => 'id: 1\nretry: 1\ndata:\n\n', { code: 'mcp_gone' }],
    ['a page', 200, 'text/html', () => '<h1>Hi</h1>', { message: expect.stringContaining('<h1>Hi</h1>') }],
  ])('is an error at once: %s', async (_, status, type, body, error) => {
    const { call } = await serveByHand((id, response) =>
      id === undefined
        ? response.writeHead(405).end()
        : response.writeHead(status, { 'content-type': type }).end(body(id)),
    )
    await expect(call('note', {}, { effect: 'idempotent' })).rejects.toMatchObject(error)
  })

  it('leaves an at-most-once call unknown', async () => {
    const { call } = await serveByHand((_, response) => response.writeHead(202).end())
    await expect(call('note')).rejects.toMatchObject({ code: 'unknown' })
  })
})

it.each([
  [
    400,
    JSON_TYPE,
    '{"jsonrpc":"2.0","id":null,"error":{"code":-32602,"message":"the date is missing"}}',
    'the date is missing',
  ],
  [422, JSON_TYPE, '{"detail":[{"loc":["body"],"msg":"field required"}]}', 'field required'],
  [502, 'text/html', '<title>Bad</title><style>p {}</style><p>No <b>upstream</b></p>', 'Bad No upstream'],
  [302, 'text/html', '', 'Redirect to https://login.example.com/'],
])('an error with status %i has the words of the server', async (status, type, body, words) => {
  const { call } = await serveByHand((_, response) =>
    response
      .writeHead(status, { 'content-type': type, ...(status === 302 && { location: 'https://login.example.com/' }) })
      .end(body),
  )
  const message = expect.stringContaining(`The MCP server fix answered with status ${status}: ${words}`)
  await expect(call('note', {}, { effect: 'idempotent' })).rejects.toMatchObject({ code: 'http_status', message })
})

describe('a redirect', () => {
  it('to another host is not followed: that host sees nothing', async () => {
    let seen = 0
    const forbidden = await listen((_, response) => {
      seen += 1
      response.end()
    })
    const url = await listen((_, response) => response.writeHead(307, { location: forbidden }).end())
    const { call } = openServer(http(url))
    await expect(call('note', { line: 'ebb' })).rejects.toThrow()
    expect(seen).toBe(0)
  })
})

describe('a bad answer', () => {
  it.each([
    ['a page', 'text/html', '<h1>Welcome</h1>', 'bad_response'],
    ['no JSON', 'application/json', 'Welcome', 'bad_response'],
    ['another document', 'application/json', '{"hello": "world"}', 'bad_response'],
    ['100 MB', 'application/json', '"'.padEnd(100_000_000, 'x'), 'response_too_large'],
    ['100 MB of events', 'text/event-stream', 'data: '.padEnd(100_000_000, 'x'), 'response_too_large'],
  ])('of %s is an error that says so', async (_, type, body, code) => {
    const url = await listen((_, response) => response.writeHead(200, { 'content-type': type }).end(body))
    const { call } = openServer(http(url))
    await expect(call('note', { line: 'ebb' })).rejects.toMatchObject({ code })
  })

  it.each([
    [401, { code: 'login_required', hint: expect.stringContaining('antiphon mcp login fix') }],
    [403, { code: 'http_status', hint: expect.stringContaining('secret://') }],
    [500, { code: 'http_status' }],
    [503, { code: 'http_status', name: 'RetryableError' }],
  ])('with status %i is that', async (status, error) => {
    const url = await listen((_, response) => response.writeHead(status).end())
    const { call } = openServer(http(url))
    await expect(call('note', { line: 'ebb' }, { effect: 'idempotent' })).rejects.toMatchObject(error)
  })

  it('to a key of the configuration does not lead to a login', async () => {
    const url = await listen((_, response) => response.writeHead(401).end())
    const { call } = openServer(http(url, { headers: { authorization: 'Bearer old' } }))
    const error = { code: 'http_status', hint: expect.stringContaining('secret://') }
    await expect(call('note', { line: 'ebb' })).rejects.toMatchObject(error)
  })

  it('that wants another scope says which, and how to get it', async () => {
    const challenge = 'Bearer error="insufficient_scope", scope="write"'
    const url = await listen((_, response) => response.writeHead(403, { 'www-authenticate': challenge }).end())
    const { call } = openServer(http(url))
    const hint = expect.stringMatching(/scopes.*antiphon mcp login fix/)
    await expect(call('note', { line: 'ebb' })).rejects.toMatchObject({ code: 'login_required', hint })
  })

  it('that forgot the session is not the end: the call is made in a new one, once', async () => {
    let isForgotten = false
    let calls = 0
    const { url } = await serveFixture((request, response) => {
      if (request.headers['mcp-method'] !== 'tools/call') return
      calls += 1
      if (isForgotten) response.writeHead(404).end()
      isForgotten = false
    })
    const { call } = openServer(http(url))
    await call('note', { line: 'ebb' })
    isForgotten = true
    expect(await call('note', { line: 'flow' })).toMatchObject({ text: 'noted flow' })
    expect(calls).toBe(3)
  })

  it('from nobody is retryable, and was not sent', async () => {
    const { call } = openServer(http(`http://127.0.0.1:${await freePort()}/mcp`))
    await expect(call('note', { line: 'ebb' })).rejects.toMatchObject({ code: 'web_failed', name: 'RetryableError' })
  })

  it.each([
    ['refuses the connection', 'web_failed', undefined],
    ['answers with 500', 'http_status', 500],
    ['answers with 503', 'http_status', 503],
  ])('to an at-most-once call fails it when the server %s', async (_, code, status) => {
    const { url, server } = await serveFixture((request, response) => {
      if (request.headers['mcp-method'] === 'tools/call' && status !== undefined) response.writeHead(status).end('no')
    })
    const { call } = openServer(http(url))
    await call('note', { line: 'ebb' }, { effect: 'idempotent' }).catch(() => {})
    if (status === undefined) {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    }
    await expect(call('note', { line: 'ebb' })).rejects.toMatchObject({ code })
  })

  it('in the middle of an at-most-once call leaves it unknown, and it is not sent again', async () => {
    let calls = 0
    const { url } = await serveFixture((request) => {
      if (request.headers['mcp-method'] !== 'tools/call') return
      calls += 1
      request.socket.destroy()
    })
    const { call } = openServer(http(url))
    await expect(call('note', { line: 'ebb' })).rejects.toMatchObject({ code: 'unknown' })
    expect(calls).toBe(1)
    await expect(call('note', { line: 'ebb' }, { effect: 'idempotent' })).rejects.toMatchObject({ code: 'web_failed' })
  })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
