import { lookup } from 'node:dns/promises'
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import type { Context } from 'hono'
import { expandIPv6 } from 'hono/utils/ipaddr'
import { InvalidError } from '../../errors.ts'

const LOOPBACK = '127.0.0.1'

/** Parses `[HOST:]PORT`. IPv6 addresses need brackets. InvalidError for other texts. */
export function addressFrom(text: string): Listening {
  const [, bracketed, name, digits] = /^(?:\[([^\]]+)\]:|([^:[\]]+):)?(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (digits === undefined || port > 65_535 || (bracketed !== undefined && isIP(bracketed) !== 6)) throw wrong(text)
  return { host: bracketed ?? name ?? LOOPBACK, port }
}

function wrong(text: string): InvalidError {
  return new InvalidError(`Expected an address to listen on, got ${JSON.stringify(text)}.`, {
    hint: 'Use a port, or host and port: 8080, 0.0.0.0:8080, [::1]:8080.',
  })
}

/** The address in the form that a browser uses. */
export const urlOf = ({ host, port }: Listening): string => `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`

export async function isLoopback(host: string): Promise<boolean> {
  const found = await lookup(host, { all: true }).catch(() => [])
  return found.length > 0 && found.every(({ address }) => isLoopbackIp(address))
}

/** Whether that is a name of this machine. */
export const isLoopbackIp = (ip: string): boolean => listHas(OWN, ip)

const OWN = new BlockList()
OWN.addSubnet('127.0.0.0', 8, 'ipv4')
OWN.addAddress('::1', 'ipv6')

/** The /64 of an IPv6 address; any other address itself. */
export const networkOf = (ip: string): string => (isIP(ip) === 6 ? expandIPv6(ip).split(':', 4).join(':') : ip)

/** Parses addresses, single or as subnets: `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`. InvalidError for any other text. */
export function addressList(texts: readonly string[]): BlockList {
  const list = new BlockList()
  for (const text of texts) addTo(list, text)
  return list
}

function addTo(list: BlockList, text: string): void {
  const [ip = '', bits, more] = text.split('/')
  const kind = kindOf(ip)
  const most = kind === 'ipv6' ? 128 : 32
  const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
  if (!kind || more !== undefined || !(length <= most))
    throw new InvalidError(`${JSON.stringify(text)} is neither an IP address nor a subnet.`, {
      hint: 'Write it like 10.0.0.7, 10.0.0.0/8 or fd00::/8.',
    })
  list.addSubnet(ip, length, kind)
}

const kindOf = (ip: string): 'ipv4' | 'ipv6' | undefined => (({ 4: 'ipv4', 6: 'ipv6' }) as const)[isIP(ip)]

function listHas(list: BlockList, ip: string): boolean {
  const kind = kindOf(ip)
  return kind !== undefined && list.check(ip, kind)
}

/** The client address: the peer of the connection, or the client that a trusted proxy reports, and no other. */
export function clientOf(remote: string | undefined, forwardedFor: string | undefined, trusted: BlockList): string {
  const hops = [...(forwardedFor ?? '').split(',').map((hop) => hop.trim()), plain(remote ?? '')]
  const first = hops.findLastIndex((hop) => !listHas(trusted, plain(hop)))
  const found = plain(hops[Math.max(0, first)]!)
  // a header that a proxy passed on unchanged may contain anything
  return isIP(found) ? found : plain(remote ?? '')
}

// an IPv4 address in the form of an IPv6 socket
const plain = (ip: string) => ip.replace(/^::ffff:(?=\d+\.)/i, '')

/** The address to listen on; port 0: any free port. */
export type Listening = { readonly host: string; readonly port: number }

/** A response that is sent: that of the Node server, or that of another server. */
export type Outgoing = { readonly destroyed: boolean; once(event: 'close', callback: () => void): unknown }

/** The connection that a server passes with a request; absent for in-process requests. */
type Connection = { readonly incoming?: IncomingMessage; readonly outgoing?: Outgoing }

/** The origin of a request, as a trusted proxy reports it; undefined over a local socket and within one process. */
export function addressOf({ env, req }: Context, trusted: BlockList): string | undefined {
  const remote = (env as Connection | undefined)?.incoming?.socket?.remoteAddress
  return remote === undefined ? undefined : clientOf(remote, req.header('x-forwarded-for'), trusted)
}

/** Calls back when the response with all its events is sent, or when the client is gone. */
export function whenAnswered({ env }: Context, callback: () => void): void {
  const { outgoing } = (env ?? {}) as Connection
  if (!outgoing || outgoing.destroyed) callback()
  else outgoing.once('close', callback)
}
