import { once } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import type { MiddlewareHandler } from 'hono'
import { BusyError } from '../../errors.ts'
import { isWatch } from '../wire/presence.ts'
import { tellLater } from '../wire/response-headers.ts'
import type { Outgoing } from './address.ts'

/** Requests from outside: whether one is open, and how many there were. */
export interface Visitors {
  open(): number
  total(): number
  /** Resolves at the first request. */
  arrived(): Promise<void>
  /** Resolves when no request is open. */
  gone(): Promise<void>
}

/**
 * Counts a server's requests. A request counts until its response with all its events is sent. A presence that only
 * waits for the end of the process does not count.
 */
export function countVisitors(server: Server): Visitors {
  let open = 0
  let total = 0
  let waiting: (() => void)[] = []
  const arrival = Promise.withResolvers<void>()
  server.on('request', ({ url }, response) => {
    if (isWatch(url)) return
    open++
    total++
    arrival.resolve()
    response.once('close', () => {
      open--
      if (open > 0) return
      for (const resolve of waiting) resolve()
      waiting = []
    })
  })
  return {
    open: () => open,
    total: () => total,
    arrived: () => arrival.promise,
    gone: () => (open === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  }
}

/** Environment of a request: its response, and whether the process is shutting down. */
export type Ending = { readonly ending?: boolean; readonly outgoing?: Outgoing }

/** During shutdown, rejects all requests except health checks, so that clients go elsewhere. */
export const refuseAtEnd: MiddlewareHandler = async (context, next) => {
  const { ending } = (context.env ?? {}) as Ending
  if (!ending || HEALTH.has(context.req.path)) return next()
  tellLater(context, { connection: 'close' })
  throw new BusyError('This process is shutting down.')
}

/** Health routes succeed during shutdown. */
const HEALTH: ReadonlySet<string> = new Set(['/v1/health', '/health', '/api/postchain/health'])

/** ms between two checks of a response; after two checks without progress the connection is closed */
const STALL_TIMEOUT_MS = 60_000

/**
 * Closes connections whose client does not read an available response for two minutes: the response
 * would occupy memory and a slot of its key. Waiting for a response is not limited.
 */
export function cutOffStalled(server: Server, patience = STALL_TIMEOUT_MS): void {
  server.on('request', (_request, response) => {
    response.setTimeout(patience, () => {
      if (response.socket && response.socket.writableLength > 0) response.socket.destroy()
    })
  })
}

/** The most bytes of a refused body that are read, and ms. */
const DRAINED = { bytes: 16 * 1024 * 1024, ms: 1000 } as const

/** Reads a refused body: a client that still sends at the end of its connection would not learn the reason. */
export async function drain(incoming: IncomingMessage): Promise<void> {
  const end = new AbortController()
  let bytes = 0
  incoming.on('data', (piece: Buffer) => {
    bytes += piece.length
    if (bytes > DRAINED.bytes) end.abort()
  })
  await once(incoming, 'end', { signal: AbortSignal.any([end.signal, AbortSignal.timeout(DRAINED.ms)]) }).catch(
    () => {},
  )
}

/** Handles requests. `env` holds the Node request and response, and the shutdown flag. */
export type HttpApp = { fetch(request: Request, env?: Ending): Response | Promise<Response> }
