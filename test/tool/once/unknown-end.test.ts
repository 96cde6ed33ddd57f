import { once } from 'node:events'
import { request } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { CancelledError, errorOf, problemOf, TerminalError, TimeoutError, UnknownError } from '../../../src/errors.ts'
import { isEndUnknown, unknownEnd } from '../../../src/tool/once/unknown-end.ts'
import { SELF_SIGNED } from './self-signed.ts'

const coded = (code: string | number, more: object = {}) => Object.assign(new Error(`it says ${code}`), { code }, more)
const behind = (cause: unknown, levels = 1): unknown =>
  levels === 0 ? cause : behind(new TypeError('fetch failed', { cause }), levels - 1)

function aborted(reason: unknown = new TimeoutError('too late')): AbortSignal {
  return AbortSignal.abort(reason)
}
const OPEN = new AbortController().signal

test.each<[string, unknown]>([
  ...['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'].map(
    (code): [string, unknown] => [code, behind(coded(code))],
  ),
  ['ETIMEDOUT after the connection stood', coded('ETIMEDOUT', { syscall: 'read' })],
  ['ETIMEDOUT that says no more', behind(coded('ETIMEDOUT'))],
  ['a cause five levels down', behind(coded('ECONNRESET'), 5)],
  ['one of several errors', behind(new AggregateError([coded('ECONNREFUSED'), behind(coded('EPIPE'))]))],
  ['an UnknownError', new UnknownError('nobody knows')],
  ['an UnknownError as a cause', behind(new UnknownError('nobody knows'))],
  ['an UnknownError of another process', errorOf(problemOf(new UnknownError('nobody knows')))],
  ['an UnknownError with a status', Object.assign(new UnknownError('nobody knows'), { status: 500 })],
  ['a time limit of a request of antiphon', behind(new TimeoutError('shop.example did not answer within 5 s.'))],
  ['a closed connection of an MCP client', Object.assign(coded('CONNECTION_CLOSED'), { name: 'SdkError' })],
  ['an MCP client that waits no longer', Object.assign(coded(-32001), { name: 'McpError' })],
])('nobody knows the end after %s', (_, error) => {
  expect(isEndUnknown(error, OPEN)).toBe(true)
})

test.each<[string, unknown]>([
  ...[
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'UND_ERR_CONNECT_TIMEOUT',
    'EHOSTUNREACH',
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'NOT_CONNECTED',
  ].map((code): [string, unknown] => [code, behind(coded(code))]),
  ['ETIMEDOUT of connect', behind(coded('ETIMEDOUT', { syscall: 'connect' }))],
  ['ECONNRESET of connect', behind(coded('ECONNRESET', { syscall: 'connect' }))],
  [
    'several attempts to connect, with the code of the first',
    Object.assign(new AggregateError([coded('ETIMEDOUT', { syscall: 'connect' }), coded('ECONNREFUSED')]), {
      code: 'ETIMEDOUT',
    }),
  ],
  ['an answer with a status', coded('ECONNRESET', { status: 502 })],
  ['a status behind an error', behind(coded('ECONNRESET', { response: { status: 500 } }))],
  ['a refusal of an MCP server', Object.assign(coded(-32602), { name: 'McpError' })],
  ['an error of the shop', new Error('declined')],
  ['a bug', new TypeError('x is not a function')],
  ['an abort of its own', new DOMException('aborted', 'AbortError')],
  ['a cause six levels down', behind(coded('ECONNRESET'), 6)],
  ['a text', 'ECONNRESET'],
  ['nothing', undefined],
  ['a code of another kind', coded('23505')],
  ['an error that cannot be read', new Proxy(new Error('x'), { get: () => Reflect.ownKeys(null as never) })],
])('a call has failed after %s', (_, error) => {
  expect(isEndUnknown(error, OPEN)).toBe(false)
})

test('an abort of antiphon counts, however the work says it; its own error does not', () => {
  const reason = new TimeoutError('too late', { code: 'late' })
  const signal = aborted(reason)
  for (const error of [
    reason,
    behind(reason),
    new DOMException('aborted', 'AbortError'),
    coded('ABORT_ERR'),
    Object.assign(new Error('canceled'), { name: 'CanceledError', code: 'ERR_CANCELED' }),
  ])
    expect(isEndUnknown(error, signal)).toBe(true)
  for (const error of [new Error('stopped before it was sent'), new CancelledError('the command was ended')])
    expect(isEndUnknown(error, signal)).toBe(false)
  expect(isEndUnknown(new DOMException('late', 'TimeoutError'), OPEN)).toBe(false)
})

test('causes in a circle end', () => {
  const error = new Error('one')
  error.cause = new Error('other', { cause: error })
  expect(isEndUnknown(error, OPEN)).toBe(false)
})

test('the error says why, and keeps what it says itself', () => {
  const error = unknownEnd('pay', behind(coded('ECONNRESET')))
  expect(error.message).toBe(
    'pay broke off, and whether it took place is not known: fetch failed (it says ECONNRESET).',
  )
  const own = new UnknownError('own', { data: { once: 'part' } })
  expect(unknownEnd('pay', own)).toBe(own)
  expect(unknownEnd('pay', new TerminalError('gone.')).message).toMatch(/not known: gone\.$/)
})

/** What a server does with a connection. */
const SERVERS = {
  'closes after it has read the request': (socket: Socket) => socket.once('data', () => socket.destroy()),
  'resets after it has read the request': (socket: Socket) => socket.once('data', () => socket.resetAndDestroy()),
  'breaks off in its answer': (socket: Socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf')),
  'never answers': (socket: Socket) => socket.resume(),
  'answers with 500': (socket: Socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n')),
} as const

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const serve = (way: keyof typeof SERVERS) =>
  listen(createServer((socket) => void SERVERS[way](socket.on('error', () => {}))))

async function post(url: string, signal?: AbortSignal): Promise<void> {
  const response = await fetch(url, { method: 'POST', body: 'x', ...(signal && { signal }) })
  if (!response.ok) throw Object.assign(new Error('it refuses'), { status: response.status })
  await response.text()
}

function postByNode(url: string, signal?: AbortSignal): Promise<void> {
  const sent = request(url, { method: 'POST', ...(signal && { signal }) })
  return new Promise((resolve, reject) => {
    sent.on('error', reject).on('response', (response) => {
      if (response.statusCode !== 200) reject(Object.assign(new Error('it refuses'), { status: response.statusCode }))
      response.on('error', reject).on('end', resolve).resume()
    })
    sent.end('x')
  })
}

const errorOfEnd = (ended: Promise<void>): Promise<unknown> =>
  ended.then(
    () => expect.unreachable('it has to fail'),
    (error: unknown) => error,
  )

describe.each([
  ['fetch', post],
  ['node:http', postByNode],
])('%s', (name, send) => {
  test.each([
    ['closes after it has read the request', true],
    ['resets after it has read the request', true],
    ['breaks off in its answer', true],
    ['answers with 500', false],
  ] as const)('a server that %s: unknown is %s', async (way, unknown) => {
    expect(isEndUnknown(await errorOfEnd(send(`http://${await serve(way)}/`)), OPEN)).toBe(unknown)
  })

  test('a server that never answers is unknown after an abort of antiphon', async () => {
    const off = new AbortController()
    const ended = errorOfEnd(send(`http://${await serve('never answers')}/`, off.signal))
    off.abort(new TimeoutError('too late'))
    expect(isEndUnknown(await ended, off.signal)).toBe(true)
  })

  test('a connection that never stood has failed', async () => {
    const gone = createServer()
    const url = `http://${await listen(gone)}/`
    await new Promise((resolve) => gone.close(resolve))
    expect(isEndUnknown(await errorOfEnd(send(url)), OPEN)).toBe(false)
    expect(isEndUnknown(await errorOfEnd(send('http://no-such-host.invalid/')), OPEN)).toBe(false)
    if (name !== 'fetch') return
    const plain = `https://${await serve('closes after it has read the request')}/`
    expect(isEndUnknown(await errorOfEnd(send(plain)), OPEN)).toBe(false)
    const secure = await listen(createTlsServer(SELF_SIGNED, (socket) => socket.destroy()))
    expect(isEndUnknown(await errorOfEnd(send(`https://${secure}/`)), OPEN)).toBe(false)
  })
})
