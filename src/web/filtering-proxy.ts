import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createServer, request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { pipeline, type Readable, type Writable } from 'node:stream'
import { TerminalError } from '../errors.ts'
import { hostOf } from './policy.ts'
import { type Web, webFailure } from './request.ts'

/**
 * An HTTP proxy for programs that cannot be trusted with the network, such as a browser. Every request and every tunnel
 * passes the policy of the way out, and all of them together are bounded.
 */
export interface FilteringProxy {
  /**
   * Listens on a socket of this machine, or on a free loopback port. Returns the URL of that port with a user name and
   * a password, without which it answers nobody: all users of this machine reach it.
   */
  listen(socket?: string): Promise<string>
  /** The error of the last request to this host and port that was refused or failed; undefined: none was. */
  failureOf(url: URL): Error | undefined
  /** The error of a program that got more than `maxBytes`, after which all connections are closed. */
  exceeded(): Error | undefined
  close(): Promise<void>
}

/** The status of a request that was refused or failed. */
export const REFUSED = 403

const NO_LOGIN = 407
const ASKS_LOGIN = { 'proxy-authenticate': 'Basic realm="antiphon"' }
const USER = 'antiphon'
/** Maximum hosts whose failure is remembered. */
const MAX_FAILURES = 1000

/** `maxBytes`: of all responses together. */
export function createFilteringProxy(web: Web, maxBytes: number): FilteringProxy {
  const failures = new Map<string, Error>()
  const password = randomBytes(24).toString('base64url')
  /** the header that requests must have; absent: none */
  let login: string | undefined
  const closed = new AbortController()
  const sockets = new Set<Socket>()
  let received = 0
  let exceeded: Error | undefined

  function count(chunk: Buffer): void {
    received += chunk.length
    if (received <= maxBytes || exceeded) return
    exceeded = tooLarge(maxBytes)
    end()
  }

  function end(): void {
    closed.abort(exceeded)
    for (const socket of sockets) socket.destroy()
  }

  function track(socket: Socket): void {
    sockets.add(socket)
    // the two pipes of a tunnel already add ten listeners
    socket.setMaxListeners(30)
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
    if (closed.signal.aborted) socket.destroy()
  }

  /** Opens a tunnel to an allowed URL and uses it until it closes. */
  async function tunnelTo(target: string, use: (url: URL, socket: Socket) => void): Promise<void> {
    const url = web.policy.checkUrl(target)
    await web.slots.use(hostOf(url), closed.signal, async () => {
      const socket = await web.tunnel(hostOf(url), portOf(url))
      track(socket)
      use(url, socket)
      socket.on('data', count)
      await new Promise((resolve) => socket.once('close', resolve))
    })
  }

  function remember(target: string, error: unknown): void {
    const url = URL.parse(target)
    if (url && failures.size < MAX_FAILURES) failures.set(keyOf(url), webFailure(error, url.host))
  }

  const isRefused = ({ headers }: IncomingMessage) =>
    login !== undefined && !isSame(headers['proxy-authorization'] ?? '', login)

  const server = createServer((from, to) => {
    const target = from.url ?? ''
    if (isRefused(from)) return to.writeHead(NO_LOGIN, { ...ASKS_LOGIN, connection: 'close' }).end()
    // an answer, since a browser sends a request again whose connection ends without one
    const fail = (error: unknown) => {
      if (!to.headersSent) remember(target, error)
      refuse(to, error)
    }
    tunnelTo(target, (url, socket) => forward(from, to, url, socket).on('error', fail)).catch(fail)
  })
  server.on('connection', track)
  // a browser tunnels its WebSockets; nothing else changes the protocol
  server.on('upgrade', (_, socket) => socket.destroy())
  server.on('connect', (from, socket: Socket, head: Buffer) => {
    if (isRefused(from)) return socket.end(answerOf(NO_LOGIN, 'Proxy Authentication Required', ASKS_LOGIN))
    // the scheme is unknown here, and `http` URLs name each port except 80
    const target = `http://${from.url}/`
    tunnelTo(target, (_, tunnel) => {
      joinTunnel(socket, tunnel, head)
    }).catch((error) => {
      remember(target, error)
      socket.end(answerOf(REFUSED, reasonOf(error)))
    })
  })

  return {
    listen: (socket) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        if (socket !== undefined) return server.listen(socket, () => resolve(socket))
        login = `Basic ${Buffer.from(`${USER}:${password}`).toString('base64')}`
        const urlOf = ({ port }: AddressInfo) => `http://${USER}:${password}@127.0.0.1:${port}`
        server.listen(0, '127.0.0.1', () => resolve(urlOf(server.address() as AddressInfo)))
      }),
    failureOf: (url) => failures.get(keyOf(url)),
    exceeded: () => exceeded,
    async close() {
      end()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function tooLarge(maxBytes: number): TerminalError {
  return new TerminalError(`The page and its parts are larger than ${maxBytes} bytes.`, { code: 'response_too_large' })
}

function refuse(to: ServerResponse, error: unknown): void {
  if (to.headersSent) to.destroy()
  else to.writeHead(REFUSED, reasonOf(error), { connection: 'close' }).end()
}

/** Connects a client and its tunnel. `head`: the bytes that the client has sent already. */
function joinTunnel(socket: Socket, tunnel: Socket, head: Buffer): void {
  socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
  tunnel.write(head)
  socket.on('close', () => tunnel.destroy())
  lead(socket, tunnel)
  lead(tunnel, socket)
}

/** An answer to a request for a tunnel. */
function answerOf(status: number, reason: string, more: { readonly [name: string]: string } = {}): string {
  const headers = Object.entries({ ...more, connection: 'close', 'content-length': '0' })
  return `HTTP/1.1 ${status} ${reason}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
}

const isSame = (given: string, expected: string) => timingSafeEqual(digest(given), digest(expected))
const digest = (text: string) => hash('sha256', text, 'buffer')

/** As the phrase of a status, which programs show. */
const reasonOf = (error: unknown) => (error as Error).message.replaceAll(/[^ -~]/g, '?').slice(0, 200)

const keyOf = (url: URL) => `${hostOf(url)}:${portOf(url)}`
const portOf = (url: URL) => Number(url.port || (url.protocol === 'https:' ? 443 : 80))

/** Headers that concern one connection only. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

function passedOn(headers: IncomingHttpHeaders): { [name: string]: string | string[] } {
  const entries = Object.entries(headers).filter(([name, value]) => value !== undefined && !HOP_BY_HOP.includes(name))
  return Object.fromEntries(entries) as { [name: string]: string | string[] }
}

function forward(from: IncomingMessage, to: ServerResponse, url: URL, socket: Socket): ClientRequest {
  const { method } = from
  const headers = { ...passedOn(from.headers), host: url.host, connection: 'close' }
  const path = `${url.pathname}${url.search}`
  const sent = request({ method, path, headers, createConnection: () => socket }, (response) => {
    to.writeHead(response.statusCode!, { ...passedOn(response.headers), connection: 'close' })
    lead(response, to)
  })
  to.on('close', () => socket.destroy())
  lead(from, sent)
  return sent
}

/** A broken stream destroys the other. Its error may come after the pipeline has let go, and needs nothing else. */
function lead(from: Readable, to: Writable): void {
  for (const stream of [from, to]) stream.on('error', ignoreError)
  pipeline(from, to, ignoreError)
}

const ignoreError = () => {}
