/**
 * The only way to the network for tools and sandboxes. It allows the addresses that `web:` opens, and refuses
 * private ones even after a redirect or a change of DNS. `search/` asks search engines, `page/` reads articles, and
 * `filtering-proxy.ts` serves sandboxes.
 */

import { performance } from 'node:perf_hooks'
import { Agent, type Dispatcher, ProxyAgent, request as send } from 'undici'
import { CancelledError, is, RetryableError, TerminalError, TimeoutError } from '../errors.ts'
import { ACCEPT_ENCODING, readBody } from './body.ts'
import { createConnector, createTunnels, type OpenTunnel, type Resolve, resolveBySystem } from './connect.ts'
import { createHostSlots, type HostSlots } from './host-slots.ts'
import { createWebPolicy, hostOf, policyForOrigin, type WebPolicy, type WebSettings } from './policy.ts'

/** The way out to the network. It checks every address, follows at most five redirects, and bounds each response. */
export interface Web {
  /** Sends a request and reads the whole response, whatever its status. */
  request(request: WebRequest): Promise<WebResponse>
  readonly policy: WebPolicy
  readonly resolve: Resolve
  readonly tunnel: OpenTunnel
  /** Bounds the concurrent requests and tunnels for each host. */
  readonly slots: HostSlots
  /** Ends all connections. */
  close(): Promise<void>
}

export type WebRequest = {
  readonly url: string
  readonly method?: string
  readonly headers?: { readonly [name: string]: string }
  readonly body?: string | Uint8Array
  /** ms for the request with all its redirects; absent: 30 s */
  readonly timeout?: number
  /** bytes of the unpacked response; absent: 10 MB */
  readonly maxBytes?: number
  /** the configuration names this URL: its origin may be private. A redirect to another origin may not. */
  readonly configured?: boolean
  /** redirects are not followed */
  readonly manual?: boolean
  readonly signal?: AbortSignal
}

/** A response, with the URL that gave it. Header names are in lower case; a repeated header is joined by a comma. */
export type WebResponse = {
  readonly url: string
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: Uint8Array
  /** ms */
  readonly elapsed: number
}

const DEFAULT_WEB_TIMEOUT_MS = 30_000
const DEFAULT_MAX_RESPONSE_BYTES = 10_000_000
export const MAX_REDIRECTS = 5
export const MAX_PER_HOST = 4
const IDLE_CONNECTION_MS = 4_000
const REDIRECTS = [301, 302, 303, 307, 308]
export const USER_AGENT = 'antiphon (+https://www.npmjs.com/package/antiphon)'

/** The way out as the settings open it. */
export function createWeb(settings: WebSettings = {}, resolve: Resolve = resolveBySystem): Web {
  const policy = createWebPolicy(settings)
  const slots = createHostSlots(MAX_PER_HOST)
  const dispatcher = dispatcherFor(policy, settings.proxy, resolve)
  // a connection to an address that only the configuration opens must not serve other requests
  const configured = new Map<string, Route>()

  function routeOf(request: WebRequest): Route {
    if (!request.configured) return { policy, dispatcher }
    const { origin } = new URL(request.url)
    const known = configured.get(origin)
    if (known) return known
    const own = policyForOrigin(origin)
    const route = { policy: own, dispatcher: dispatcherFor(own, settings.proxy, resolve) }
    configured.set(origin, route)
    return route
  }

  async function follow(request: WebRequest, signal: AbortSignal): Promise<Omit<WebResponse, 'elapsed'>> {
    let next = request
    for (let redirects = 0; ; redirects++) {
      const route = routeOf(next)
      const url = route.policy.checkUrl(next.url)
      const response = await slots.use(hostOf(url), signal, () => exchange(route, url, next, signal))
      const location = response.headers.location
      if (request.manual || location === undefined || !REDIRECTS.includes(response.status)) return response
      if (redirects === MAX_REDIRECTS)
        throw new TerminalError(`${request.url} leads through more than ${MAX_REDIRECTS} redirects.`, {
          code: 'too_many_redirects',
        })
      next = redirected(next, url, response.status, location)
    }
  }

  return {
    policy,
    resolve,
    tunnel: createTunnels(policy, settings.proxy, resolve),
    slots,
    async request(request) {
      const started = performance.now()
      const { timeout = DEFAULT_WEB_TIMEOUT_MS, signal } = request
      const late = AbortSignal.timeout(timeout)
      try {
        const response = await follow(request, signal ? AbortSignal.any([late, signal]) : late)
        return { ...response, elapsed: performance.now() - started }
      } catch (error) {
        throw asOurs(error, request.url, { late, timeout, ...(signal && { signal }) })
      }
    },
    async close() {
      await Promise.all(
        [dispatcher, ...[...configured.values()].map((one) => one.dispatcher)].map((one) => one.destroy()),
      )
    },
  }
}

type Route = { readonly policy: WebPolicy; readonly dispatcher: Dispatcher }

function dispatcherFor(policy: WebPolicy, proxy: string | undefined, resolve: Resolve): Dispatcher {
  const options = {
    connections: MAX_PER_HOST,
    pipelining: 1,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    maxHeaderSize: 64 * 1024,
  }
  // a proxy resolves the names; its own address is the administrator's choice
  if (proxy !== undefined) return new ProxyAgent({ ...options, uri: proxy, proxyTunnel: true })
  return new Agent({ ...options, connect: createConnector(policy, resolve) })
}

async function exchange({ dispatcher }: Route, url: URL, request: WebRequest, signal: AbortSignal) {
  const { method = 'GET', headers = {}, body, maxBytes = DEFAULT_MAX_RESPONSE_BYTES } = request
  const response = await send(url, {
    dispatcher,
    method: method as Dispatcher.HttpMethod,
    headers: { 'user-agent': USER_AGENT, 'accept-encoding': ACCEPT_ENCODING, accept: '*/*', ...lowerCase(headers) },
    body: body ?? null,
    signal,
  })
  const known = joined(response.headers)
  const isEmpty = method === 'HEAD' || [204, 304].includes(response.statusCode)
  const content = isEmpty
    ? await emptied(response.body)
    : await readBody(response.body, known['content-encoding'] ?? '', maxBytes)
  return { url: url.href, status: response.statusCode, headers: known, body: content }
}

async function emptied(body: Dispatcher.ResponseData['body']): Promise<Uint8Array> {
  await body.dump()
  return new Uint8Array()
}

/** Headers without credentials: all others are dropped at another origin. */
const OPEN_HEADERS = ['accept', 'accept-language', 'user-agent']

function redirected(request: WebRequest, from: URL, status: number, location: string): WebRequest {
  const url = URL.parse(location, from.href)
  if (!url) throw new TerminalError(`${from.origin} redirects to an invalid URL.`, { code: 'bad_response' })
  const { method = 'GET', headers = {}, body, configured, ...rest } = request
  const becomesGet = status === 303 ? method !== 'HEAD' : (status === 301 || status === 302) && method === 'POST'
  const isSame = url.origin === from.origin
  if (!isSame && !becomesGet && body !== undefined)
    throw new TerminalError(`${from.origin} redirects to ${url.origin}, which would receive the body of the request.`, {
      code: 'redirect_refused',
      hint: `If that is right, send the request to ${url.origin} itself.`,
    })
  const passedOn = Object.entries(lowerCase(headers)).filter(([name]) =>
    isSame ? !(becomesGet && name.startsWith('content-')) : OPEN_HEADERS.includes(name),
  )
  return {
    ...rest,
    url: url.href,
    method: becomesGet ? 'GET' : method,
    headers: Object.fromEntries(passedOn),
    ...(body !== undefined && !becomesGet && { body }),
    ...(configured && isSame && { configured }),
  }
}

const lowerCase = (headers: { readonly [name: string]: string }) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

function joined(headers: { readonly [name: string]: string | string[] | undefined }): { [name: string]: string } {
  const entries = Object.entries(headers).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value!]))
}

type Waiting = { readonly late: AbortSignal; readonly timeout: number; readonly signal?: AbortSignal }

/** The error of a request: ours as it is, else one with the failed host and whether another attempt may help. */
function asOurs(error: unknown, url: string, { late, timeout, signal }: Waiting): Error {
  const host = URL.parse(url)?.host ?? url
  if (signal?.aborted)
    return is(signal.reason) ? (signal.reason as Error) : new CancelledError(`The request to ${host} was cancelled.`)
  if (late.aborted) {
    const hint = 'Give the request more time by `timeout`, in seconds.'
    return new TimeoutError(`${host} did not answer within ${timeout / 1000} s.`, { hint })
  }
  return webFailure(error, host)
}

/** The error of a connection or a response: ours as it is, otherwise one that says why the host failed. */
export function webFailure(error: unknown, host: string): Error {
  const ours = [error, (error as Error).cause].find((one) => is(one))
  if (ours) return ours as Error
  if (
    String((error as NodeJS.ErrnoException).code).startsWith('Z_') ||
    (error as Error).message.includes('incorrect header check')
  )
    return new TerminalError(`${host} sent a response that cannot be unpacked.`, { code: 'bad_response' })
  return new RetryableError(`The request to ${host} failed: ${reasonOf(error)}`, { code: 'web_failed', cause: error })
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return REASONS[String(code)] ?? message
}

const REASONS: { readonly [code: string]: string | undefined } = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it closed the connection',
  UND_ERR_SOCKET: 'it closed the connection',
  UND_ERR_CONNECT_TIMEOUT: 'no connection within 10 s',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no network',
}
