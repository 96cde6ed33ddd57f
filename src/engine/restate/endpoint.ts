import { once } from 'node:events'
import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Node } from './node.ts'
import { servicesOf } from './services.ts'

/** A node's own server, which Restate calls to have turns taken. */
export interface Endpoint {
  readonly port: number
  /** Takes no new turns; resolves when the running ones have ended, after `grace` ms by breaking off. */
  stop(grace: number | undefined): Promise<void>
}

export type EndpointOptions = {
  readonly release: string
  readonly host: string
  readonly port: number
  readonly reusePort: boolean
  readonly connectionAge: number
}

/** Serves one release: who asks for another is sent away, to find a node that has it. */
export async function openEndpoint(
  node: Node,
  { release, connectionAge, ...listening }: EndpointOptions,
): Promise<Endpoint> {
  const handle = node.sdk.createEndpointHandler({ services: servicesOf(node), logger: () => {} })
  const server = createServer((request, response) => {
    if (request.url.startsWith(`/${release}/`)) return handle(request, response)
    response.writeHead(503).end()
    request.stream.session?.close()
  })
  const sessions = trackSessions(server, connectionAge)
  server.listen(listening)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async stop(grace) {
      const closed = once(server, 'close')
      server.close()
      for (const session of sessions) session.close()
      const force = grace === undefined ? undefined : setTimeout(() => destroyAll(sessions), grace)
      await closed
      clearTimeout(force)
    },
  }
}

function trackSessions(server: Http2Server, age: number): Set<ServerHttp2Session> {
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session) => {
    sessions.add(session)
    // not all at once
    const old = setTimeout(() => session.close(), age * (0.5 + Math.random())).unref()
    session.once('close', () => {
      clearTimeout(old)
      sessions.delete(session)
    })
  })
  return sessions
}

function destroyAll(sessions: Iterable<ServerHttp2Session>): void {
  for (const session of sessions) session.destroy()
}
