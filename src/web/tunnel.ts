import type { Socket } from 'node:net'
import { Client } from 'undici'
import { RetryableError } from '../errors.ts'
import { createConnector, type Resolve } from './connect.ts'
import type { WebPolicy } from './policy.ts'

/** Opens a connection to an allowed host, through the proxy where one is configured. The caller ends it. */
export type OpenTunnel = (host: string, port: number) => Promise<Socket>

/** Tunnels whose addresses are checked like those of requests. */
export function createTunnels(policy: WebPolicy, proxy: string | undefined, resolve: Resolve): OpenTunnel {
  if (proxy !== undefined) return (host, port) => throughProxy(new URL(proxy), `${host}:${port}`)
  const connect = createConnector(policy, resolve)
  return (host, port) =>
    new Promise((opened, failed) =>
      connect({ hostname: host, host: `${host}:${port}`, protocol: 'http:', port: String(port) }, (error, socket) =>
        error ? failed(error) : opened(socket!),
      ),
    )
}

async function throughProxy(proxy: URL, target: string): Promise<Socket> {
  const login = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  const client = new Client(proxy.origin)
  const { statusCode, socket } = await client.connect({
    path: target,
    headers: {
      host: target,
      ...(login !== ':' && { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` }),
    },
  })
  // from here on the caller owns the connection
  if (statusCode === 200) return socket as Socket
  socket.destroy()
  throw new RetryableError(`The proxy ${proxy.host} answers ${statusCode} for ${target}.`, { code: 'web_failed' })
}
