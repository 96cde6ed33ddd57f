import type { FetchLike } from '@modelcontextprotocol/client'
import { is, TerminalError } from '../../../errors.ts'
import type { Web } from '../../../web/request.ts'
import type { GrantSecrets } from '../oauth/grant.ts'
import { hasKey, tokensFor } from '../oauth/refresh.ts'
import { type HttpServer, plainText } from '../settings.ts'
import { expanded, resolvedTexts, type Variables } from '../variables.ts'
import type { EndingTransport } from './stdio.ts'
import { MAX_MESSAGE_BYTES } from './stdio.ts'

/** ms for one request, and with it for one call, at most. */
export const MAX_REQUEST_MS = 600_000

/** ms for one request to an authorization server. */
export const AUTHORIZE_MS = 30_000

/** The parts by which an HTTP server is reached. */
export type HttpParts = {
  readonly variables: Variables
  readonly web: () => Promise<Web>
  /** the secrets that keep tokens; absent: nobody signs in */
  readonly grants?: GrantSecrets
}

type Sdk = Pick<typeof import('@modelcontextprotocol/client'), 'StreamableHTTPClientTransport' | 'refreshAuthorization'>

/** A transport over `web/`. Its URL may be private where antiphon.yaml names it, or a person trusted it. */
export async function httpTransport(
  name: string,
  server: HttpServer,
  { variables, web, grants }: HttpParts,
  sdk: Sdk,
): Promise<EndingTransport> {
  const url = new URL(expanded(server.url, server, variables.environment))
  const headers = await resolvedTexts(server.headers, server, variables)
  const opened = await web()
  const fetch = webFetch(name, url.origin, opened, { timeout: MAX_REQUEST_MS })
  const sent = new WeakMap<Response, string | null>()
  const ask: FetchLike = async (input, init = {}) => {
    const given = new Headers(init.headers)
    // a standing stream would hold a place of this host for nothing: changes are found by looking again
    if ((init.method ?? 'GET') === 'GET' && !given.has('last-event-id')) return new Response(null, { status: 405 })
    const response = await fetch(input, init)
    sent.set(response, given.get('authorization'))
    return response
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

/** The hint of `web/` about sizes names a parameter that no server has. */
function asOurs(name: string, error: unknown): unknown {
  if (!is(error) || error.code !== 'response_too_large') return error
  return new TerminalError(`the MCP server ${name} sent a message of more than ${MAX_MESSAGE_BYTES} bytes`, {
    code: 'response_too_large',
    hint: 'ask the server for less',
    cause: plainText(error.message),
  })
}
