import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { getRequestListener, RequestError } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { type Clock, systemClock } from '../../engine/engine.ts'
import { InvalidError, TerminalError } from '../../errors.ts'
import type { Runtime } from '../../runtime/ports.ts'
import type { FolderOwner } from '../../store/data-folder/owner.ts'
import { createOpenStreams } from '../stream/open-streams.ts'
import { feedOf, mayReadOf } from '../stream/response.ts'
import { sendText, textOf } from '../wire/json.ts'
import { problemResponse, toldBeside } from '../wire/response-headers.ts'
import type { Listening } from './address.ts'
import { MAX_FORWARDED_HEADERS } from './forwarded.ts'
import { countVisitors, cutOffStalled, drain, type HttpApp, type Visitors } from './lifecycle.ts'
import { peersOnly } from './peer/peers-only.ts'
import type { Closed } from './peer/process-lineage.ts'

export interface ServedApp {
  readonly visitors: Visitors
  /** open event streams */
  streams(): number
  /** Announces the end of the process to the app. */
  refuse(): void
  /** Closes open event streams with a comment, so that clients resume them later or elsewhere. May be called twice. */
  close(): Promise<void>
}
/** A server on a Unix socket, which is removed when the server closes. */
export interface Served extends ServedApp {
  readonly socket: string
}
export interface ServedOpenly extends ServedApp {
  readonly host: string
  readonly port: number
}

// the system's limit is 104 or 108 bytes, including the zero at the end
const LONGEST_PATH = 100

/**
 * Listens on `<folder>/socket`, only for this user, and on Linux not for processes of tools. If
 * that path is too long or its file system has no sockets, a private temporary folder is used.
 */
export async function serveSocket(app: HttpApp, folder: string, door: SocketDoor = {}): Promise<Served> {
  const socket = join(folder, 'socket')
  rmSync(socket, { force: true })
  if (Buffer.byteLength(socket) > LONGEST_PATH) return serveElsewhere(app, door)
  // file systems refuse with different codes: EIO, EPERM, ENOTSUP
  return serveAt(socket, app, door).catch(() => serveElsewhere(app, door))
}

/** Options of a socket. `closed`: the rejected processes, by default those of tools. */
type SocketDoor = { readonly clock?: Clock; readonly closed?: Closed }

async function serveAt(
  socket: string,
  app: HttpApp,
  { clock = systemClock, closed = 'to tools' }: SocketDoor,
): Promise<Served> {
  const guarded = peersOnly(app, dirname(socket), closed)
  const { serving } = await serveOn(guarded, clock, (server) => server.listen(socket), {
    maxHeaderSize: MAX_FORWARDED_HEADERS,
  })
  chmodSync(socket, 0o600)
  return { ...serving, socket }
}

async function serveElsewhere(app: HttpApp, door: SocketDoor): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-'))
  const served = await serveAt(join(folder, 'socket'), app, door)
  return { ...served, close: () => served.close().finally(() => rmSync(folder, { recursive: true, force: true })) }
}

/** Listens on an address. Error EADDRINUSE when it is taken. */
export async function serve(
  app: HttpApp,
  { host, port }: Listening,
  clock: Clock = systemClock,
): Promise<ServedOpenly> {
  // the backlog holds as many connections as return at once after a restart
  const { serving, server } = await serveOn(app, clock, (server) => server.listen({ host, port, backlog: 4096 }))
  return { ...serving, host, port: (server.address() as AddressInfo).port }
}

/** ms; longer than the minute of load balancers, which close idle connections first, so that no request is lost */
const IDLE = 75_000

async function serveOn(
  app: HttpApp,
  clock: Clock,
  listen: (server: Server) => void,
  options: ServerOptions = {},
): Promise<{ readonly server: Server; readonly serving: ServedApp }> {
  let ending = false
  const streams = createOpenStreams(clock)
  async function answer(request: Request, env: object): Promise<Response> {
    const response = await app.fetch(request, { ...env, ending })
    const { incoming, outgoing } = env as { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse }
    if (response.status >= 400 && !incoming.complete && !incoming.readableDidRead) await drain(incoming)
    const text = textOf(response)
    const feed = feedOf(response)
    if (text !== undefined) sendText(outgoing, response, text)
    else if (feed) streams.open(response, outgoing, feed, mayReadOf(response))
    else return response
    return RESPONSE_ALREADY_SENT
  }
  const server = createServer(options, getRequestListener(answer, LISTENER))
  server.keepAliveTimeout = IDLE
  const visitors = countVisitors(server)
  cutOffStalled(server)
  listen(server)
  await once(server, 'listening')
  const serving: ServedApp = {
    visitors,
    streams: streams.count,
    refuse: () => (ending = true),
    async close() {
      ending = true
      streams.cut('this process is about to end: come back, and read on')
      // the last writes are flushed by then, except to clients that do not read
      await nextTurn()
      await closeServer(server)
    },
  }
  return { server, serving }
}

/** The answer when no app can be asked: the URL of the request is invalid. */
function tellFault(error: unknown): Response {
  return toldBeside(problemResponse(error instanceof RequestError ? noAddress() : failed()))
}

/** An HTTP/1.0 request may omit the host. */
const LISTENER = { overrideGlobalObjects: false, hostname: 'localhost', errorHandler: tellFault }

function noAddress(): InvalidError {
  const hint = 'Send the header host with the name of the server, and a path: GET /v1/health'
  return new InvalidError('The host and the path of the request do not form a valid URL.', { hint })
}

const failed = () => new TerminalError('The server failed.', { code: 'internal' })

/**
 * Listens with a handler for requests of another server, which has routed them by the path as it was sent. So a path
 * that a URL would shorten is refused: `/open/../closed` would leave what the server has opened.
 */
export function nodeListener(handler: (request: Request) => Promise<Response>) {
  const listen = getRequestListener(handler, LISTENER)
  const refuse = getRequestListener(() => toldBeside(problemResponse(shortened())), LISTENER)
  return (incoming: IncomingMessage, outgoing: ServerResponse) =>
    (hasDots(incoming.url ?? '') ? refuse : listen)(incoming, outgoing)
}

const hasDots = (url: string) =>
  url
    .split(/[?#]/, 1)[0]!
    .split('/')
    .some((part) => /^(?:\.|%2e){1,2}$/i.test(part))

const shortened = () => new InvalidError('The path of the request has a part . or .., which names another path.')

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** Stops a runtime and releases its folder. Rejects new requests at once; running work gets `grace` ms. */
export async function closeDoors(
  runtime: Runtime,
  owner: FolderOwner,
  doors: readonly ServedApp[],
  options?: { readonly grace?: number },
): Promise<void> {
  for (const door of doors) door.refuse()
  try {
    await runtime.stop(options)
  } finally {
    await Promise.all(doors.map((door) => door.close()))
    owner.release()
  }
}
