import type { FetchLike } from '@modelcontextprotocol/client'
import { is, RetryableError, TerminalError } from '../../../errors.ts'
import { isJsonObject, parseExact } from '../../../kernel/json.ts'
import type { Web } from '../../../web/request.ts'
import { oddMessage } from '../failure.ts'
import type { GrantSecrets } from '../oauth/grant.ts'
import { hasKey, tokensFor } from '../oauth/refresh.ts'
import { type HttpServer, plainText } from '../settings.ts'
import { expanded, resolvedTexts, type Variables } from '../variables.ts'
import { readReply } from './http-reply.ts'
import { MAX_MESSAGE_BYTES } from './lines.ts'
import { sayOnce } from './say-once.ts'
import type { EndingTransport } from './stdio.ts'

/** ms for one request, and with it for one call, at most. */
export const MAX_REQUEST_MS = 600_000

/** ms for one request to an authorization server. */
export const AUTHORIZE_MS = 30_000

export type HttpParts = {
  readonly variables: Variables
  readonly web: () => Promise<Web>
  /** the secrets that keep tokens; absent: nobody signs in */
  readonly grants?: GrantSecrets
  /** receives messages for people */
  readonly notice: (line: string) => void
}

/** A transport over `web/`. Its URL may be private where antiphon.yaml names it, or a person trusted it. */
export async function httpTransport(
  name: string,
  server: HttpServer,
  parts: HttpParts,
  sdk: Pick<typeof import('@modelcontextprotocol/client'), 'StreamableHTTPClientTransport' | 'refreshAuthorization'>,
): Promise<EndingTransport> {
  const { variables, web, grants } = parts
  const url = new URL(expanded(server.url, server, variables.environment))
  const headers = await resolvedTexts(server.headers, server, variables)
  const opened = await web()
  const fetch = webFetch(name, url.origin, opened, { timeout: MAX_REQUEST_MS })
  const sent = new WeakMap<Response, string | null>()
  const notice = sayOnce(parts.notice)
  const ask: FetchLike = async (input, init = {}) => {
    // a standing stream would hold a place of this host for nothing: changes are found by looking again
    if ((init.method ?? 'GET') === 'GET') return new Response(null, { status: 405 })
    const response = await fetch(input, init)
    sent.set(response, new Headers(init.headers).get('authorization'))
    const id = response.ok ? requestIdIn(init.body) : undefined
    if (id === undefined) return response
    const messages = await readReply({ name, fetch, notice }, id, { input, init, response })
    // the package silently drops messages of another form, so they bypass it, after it has read the headers
    setImmediate(() => {
      for (const message of messages) transport.onmessage?.(message)
    })
    return new Response(null, { status: 202, headers: response.headers })
  }
  const tokens = {
    variables,
    grants,
    fetch: webFetch(name, url.origin, opened, { timeout: AUTHORIZE_MS }),
    sentWith: (response: Response) => sent.get(response) ?? undefined,
  }
  const transport = new sdk.StreamableHTTPClientTransport(url, {
    fetch: ask,
    requestInit: { headers: { ...headers } },
    ...(!hasKey(server) && { authProvider: tokensFor(name, server, url, tokens, sdk) }),
  })
  return Object.assign(transport as unknown as EndingTransport, { fault: () => undefined })
}

/** The id of the request in a body; undefined for a notification, an answer, and no body. */
function requestIdIn(body: unknown): unknown {
  const message = typeof body === 'string' ? parseExact(body) : undefined
  return isJsonObject(message) && message.method !== undefined ? message.id : undefined
}

/** `fetch` that reads whole, bounded responses through `web/`. Only `origin` may be private. */
export function webFetch(
  name: string,
  origin: string,
  web: Web,
  { timeout, signal: always }: { readonly timeout: number; readonly signal?: AbortSignal },
): FetchLike {
  return async (input, init = {}) => {
    const { method = 'GET', body, signal = always } = init
    const headers = Object.fromEntries(new Headers(init.headers).entries())
    const response = await web
      .request({
        url: String(input),
        method,
        headers,
        ...((typeof body === 'string' || body instanceof URLSearchParams) && { body: String(body) }),
        ...(signal && { signal }),
        timeout,
        maxBytes: MAX_MESSAGE_BYTES,
        configured: new URL(String(input)).origin === origin,
        manual: true,
      })
      .catch((error: unknown) => {
        throw asOurs(name, error)
      })
    const isEmpty = [204, 205, 304].includes(response.status)
    return new Response(isEmpty ? null : Buffer.from(response.body), {
      status: response.status,
      headers: withoutEncoding(response.headers),
    })
  }
}

// `web/` has unpacked the body
const withoutEncoding = (headers: { readonly [name: string]: string }) =>
  Object.fromEntries(Object.entries(headers).filter(([key]) => !['content-encoding', 'content-length'].includes(key)))

/** An error of `web/` that names the server. Its hint about sizes names a parameter that no server has. */
function asOurs(name: string, error: unknown): unknown {
  if (!is(error)) return error
  if (error.code === 'response_too_large')
    return new TerminalError(`The MCP server ${name} sent a message of more than ${MAX_MESSAGE_BYTES} bytes.`, {
      code: 'response_too_large',
      hint: 'Ask the server for less.',
      cause: plainText(error.message),
    })
  const said = `The MCP server ${name} did not answer: ${error.message}`
  if (error.name === 'RetryableError') return new RetryableError(said, { code: error.code, cause: error })
  return error.code === 'bad_response' ? oddMessage(name, error.message, error) : error
}
