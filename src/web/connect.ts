import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns'
import { isIP, type LookupFunction, type Socket } from 'node:net'
import { buildConnector, Client } from 'undici'
import { NotFoundError, RetryableError } from '../errors.ts'
import type { WebPolicy } from './policy.ts'

/** Finds all addresses of a host. Tests pass their own. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>

/** The addresses as the system finds them. */
export const resolveBySystem: Resolve = (host) =>
  new Promise((resolve, reject) =>
    dnsLookup(host, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses))),
  )

const CONNECT_TIMEOUT_MS = 10_000

/**
 * Connects to addresses that the policy allows. A name is resolved once, every address in the answer is checked, and
 * the connection goes to one of them: a second answer, which could differ, is never asked for.
 */
export function createConnector(policy: WebPolicy, resolve: Resolve): buildConnector.connector {
  const connect = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    lookup: checkedLookup(policy, resolve),
    autoSelectFamily: true,
  } as never)
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '')
    try {
      if (isIP(host)) policy.checkAddress(host, host)
    } catch (error) {
      return callback(error as Error, null)
    }
    connect(options, callback)
  }
}

/** A lookup for `net.connect` that answers only with checked addresses. */
function checkedLookup(policy: WebPolicy, resolve: Resolve): LookupFunction {
  return (host: string, options: LookupOptions, callback) => {
    checkedAddresses(host, policy, resolve).then(
      (addresses) => {
        const [{ address, family }] = addresses as [LookupAddress]
        if (options.all) callback(null, [...addresses])
        else callback(null, address, family)
      },
      (error) => callback(error, []),
    )
  }
}

async function checkedAddresses(host: string, policy: WebPolicy, resolve: Resolve): Promise<readonly LookupAddress[]> {
  const addresses = await resolve(host).catch((cause) => {
    throw unknownHost(host, cause)
  })
  if (addresses.length === 0) throw unknownHost(host)
  for (const { address } of addresses) policy.checkAddress(host, address)
  return addresses
}

const unknownHost = (host: string, cause?: unknown) =>
  new NotFoundError(`${host} is not a known host.`, { code: 'unknown_host', cause })

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
