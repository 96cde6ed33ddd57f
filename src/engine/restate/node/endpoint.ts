import { once } from 'node:events'
import { createServer, type Http2Server, type Http2Session } from 'node:http2'
import { type AddressInfo, createServer as createListener, isIPv6 } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type IdentityKeys, keysFor } from '../identity-keys.ts'
import type { RestateNode } from './node.ts'
import { servicesOf } from './services.ts'

/** The HTTP server of a node, which Restate calls to run turns. */
export interface Endpoint {
  /** its address on this machine */
  readonly address: string
  /** Starts no new turns. False, and the endpoint goes on, if the running ones have not ended after `wait` ms. */
  rest(wait: number, signal: AbortSignal): Promise<boolean>
  /** Starts no new turns. Resolves when the running turns have ended; after `grace` ms they are interrupted. */
  stop(grace: number | undefined): Promise<void>
}

type EndpointOptions = {
  /** absent: any port */
  readonly release?: string
  readonly host: string
  readonly port: number
  /** whether other processes may listen on that port too: the system spreads connections over them */
  readonly reusePort: boolean
  readonly connectionAge: number
  readonly identity?: IdentityKeys | undefined
  /** Whether to refuse the call of a handler, by its path, for now: the server keeps the call and retries. */
  holds?(path: string): boolean
}

export const addressOf = (host: string, port: number): string => `http://${isIPv6(host) ? `[${host}]` : host}:${port}`

/** Serves one release. Requests for another release are refused, so that the server can find a node that has it. */
export async function openEndpoint(node: RestateNode, options: EndpointOptions): Promise<Endpoint> {
  const { release, connectionAge, identity, holds = () => false, ...listening } = options
  const keys = keysFor(listening.host, identity)
  const signed = keys && { identityKeys: [...keys] }
  const handle = node.sdk.createEndpointHandler({ services: servicesOf(node), logger: () => {}, ...signed })
  let isResting = false
  let running = 0
  const server = createServer((request, response) => {
    const isOurs = release === undefined || request.url.startsWith(`/${release}/`)
    const isTurn = /\/invoke\/[^/]+\/take$/.test(request.url)
    if (isOurs && !((isTurn && isResting) || holds(request.url))) {
      if (isTurn) running++
      if (isTurn) response.once('close', () => running--)
      return handle(request, response)
    }
    response.writeHead(503).end()
    if (!isOurs) sessions.dismiss(request.stream.session)
  })
  const sessions = trackSessions(server, connectionAge)
  // a listener of its own: closing an http2 server cuts off streams in flight
  const listener = createListener((socket) => server.emit('connection', socket))
  listener.listen(listening)
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  return {
    address: addressOf(listening.host, port),
    async rest(wait, signal) {
      isResting = true
      for (const deadline = performance.now() + wait; running > 0; await sleep(20)) {
        if (performance.now() < deadline && !signal.aborted) continue
        isResting = false
        return false
      }
      return true
    },
    async stop(grace) {
      const closed = once(listener, 'close')
      listener.close()
      sessions.dismissAll()
      const force = grace === undefined ? undefined : setTimeout(sessions.destroyAll, grace)
      await closed
      clearTimeout(force)
    },
  }
}

/** The connections to a node. */
interface Sessions {
  /** Accepts no new requests on a connection, and closes it when its requests have ended. */
  dismiss(session: Http2Session | undefined): void
  dismissAll(): void
  destroyAll(): void
}

/** The connections from a server. Each is dismissed at an age of about `age` ms. */
function trackSessions(server: Http2Server, age: number): Sessions {
  const fresh = new Set<Http2Session>()
  const all = new Set<Http2Session>()
  server.on('session', (session) => {
    fresh.add(session)
    all.add(session)
    // not all at the same time
    const old = setTimeout(() => dismiss(session), age * (0.5 + Math.random())).unref()
    session.once('close', () => {
      clearTimeout(old)
      fresh.delete(session)
      all.delete(session)
    })
  })

  function dismiss(session: Http2Session | undefined): void {
    if (!session || !fresh.delete(session) || session.destroyed) return
    // an immediate GOAWAY may cross a new request; the server would then drop the connection with its running turns
    session.settings({ maxConcurrentStreams: 0 }, () => session.close())
  }

  return {
    dismiss,
    dismissAll: () => {
      for (const session of fresh) dismiss(session)
    },
    destroyAll: () => {
      for (const session of all) session.destroy()
    },
  }
}
