import { isIP } from 'node:net'
import { InvalidError, TerminalError } from '../errors.ts'
import { withoutEnd } from '../lib/text/without-end.ts'
import { type AddressRange, classifyAddress, isInRange, parseAddress, parseRange } from './address.ts'

/** The settings under `web:` in antiphon.yaml. */
export type WebSettings = {
  /** hosts, and ranges of addresses such as 10.0.0.0/8, that may be reached although they are not public */
  readonly allow?: readonly string[]
  /** more ports than 80 and 443 */
  readonly ports?: readonly number[]
  /** the URL of an HTTP proxy; without it, none is used, whatever the environment says */
  readonly proxy?: string
}

/** Decides which addresses may be reached. */
export interface WebPolicy {
  /** The URL of a text. InvalidError if it is none, TerminalError `address_refused` for what is closed in it. */
  checkUrl(text: string): URL
  /** TerminalError `address_refused` for an address of `host` that is not open. */
  checkAddress(host: string, address: string): void
}

const SCHEMES = ['http:', 'https:']
const PORTS = [80, 443]

/** A policy: http and https on ports 80 and 443 of public addresses, and what the settings add. */
export function createWebPolicy({ allow = [], ports = [] }: WebSettings = {}): WebPolicy {
  const allowed = allow.map((text) => parseRange(text)).filter((range): range is AddressRange => range !== undefined)
  const hosts = new Set(allow.filter((text) => !parseRange(text)).map(plainHost))
  const openPorts = [...PORTS, ...ports]

  function checkAddress(host: string, address: string): void {
    if (hosts.has(plainHost(host))) return
    const bytes = parseAddress(address)
    const kind = bytes ? classifyAddress(bytes) : 'reserved'
    if (kind === 'public' || allowed.some((range) => bytes && isInRange(bytes, range))) return
    throw refused(`${host} is ${host === address ? '' : `${address}, `}a ${kind} address.`, ALLOW_HINT(host))
  }

  function checkUrl(text: string): URL {
    const url = parseUrl(text)
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
    if (!openPorts.includes(port))
      throw refused(
        `${url.origin}: port ${port} is closed.`,
        `to open it, write in antiphon.yaml: web: { ports: [${port}] }`,
      )
    const host = hostOf(url)
    if (isIP(host)) checkAddress(host, host)
    return url
  }

  return { checkUrl, checkAddress }
}

/** A policy for a URL that the configuration itself names: that origin is open, wherever it is, and nothing else. */
export function policyForOrigin(named: string): WebPolicy {
  const { origin } = parseUrl(named)
  return {
    checkUrl(text) {
      const url = parseUrl(text)
      if (url.origin !== origin) throw refused(`${url.origin} is not ${origin}, which the configuration names.`)
      return url
    },
    checkAddress: () => {},
  }
}

/** The host of a URL without the brackets of IPv6. */
export const hostOf = ({ hostname }: URL) => hostname.replace(/^\[|\]$/g, '')

function parseUrl(text: string): URL {
  const url = URL.parse(text)
  if (!url)
    throw new InvalidError(`Expected a URL such as https://example.org/, got ${JSON.stringify(shorten(text))}.`, {
      hint: 'Write the whole address, from https:// on.',
    })
  if (!SCHEMES.includes(url.protocol))
    throw refused(
      `${url.protocol}//… is closed: expected http:// or https://.`,
      'files are read by the tool filesystem',
    )
  if (url.username || url.password)
    throw new InvalidError(`${url.host}: expected a URL without a user name and a password.`, {
      hint: 'Give them in a header: Authorization: secret://NAME.',
    })
  // a dot at the end names the same host
  if (url.hostname.endsWith('.')) url.hostname = withoutEnd(url.hostname, /\./)
  return url
}

const plainHost = (host: string) => host.toLowerCase().replace(/\.$/, '')

const ALLOW_HINT = (host: string) => `To open it, write in antiphon.yaml: web: { allow: [${host}] }`

function refused(message: string, hint?: string): TerminalError {
  return new TerminalError(message, { code: 'address_refused', ...(hint !== undefined && { hint }) })
}

const shorten = (text: string) => (text.length > 100 ? `${text.slice(0, 100)}…` : text)
