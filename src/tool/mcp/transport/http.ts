import type { FetchLike, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { is, TerminalError } from '../../../errors.ts'
import type { Web } from '../../../web/request.ts'
import { type HttpServer, plainText } from '../settings.ts'
import { expanded, resolvedTexts, type Variables } from '../variables.ts'
import type { EndingTransport } from './stdio.ts'
import { MAX_MESSAGE_BYTES } from './stdio.ts'

/** ms for one request, and with it for one call, at most. */
export const MAX_REQUEST_MS = 600_000

/** The parts by which an HTTP server is reached. */
export type HttpParts = { readonly variables: Variables; readonly web: () => Promise<Web> }

type Make = typeof StreamableHTTPClientTransport

/** A transport over `web/`. Its URL may be private where antiphon.yaml names it, or a person trusted it. */
export async function httpTransport(
  name: string,
  server: HttpServer,
  { variables, web }: HttpParts,
  Made: Make,
): Promise<EndingTransport> {
  const url = new URL(expanded(server.url, server, variables.environment))
  const headers = await resolvedTexts(server.headers, server, variables)
  const transport = new Made(url, {
    fetch: webFetch(name, url.origin, await web()),
    requestInit: { headers: { ...headers } },
  })
  return Object.assign(transport as unknown as EndingTransport, { fault: () => undefined })
}

/** `fetch` that reads whole, bounded responses through `web/`. */
function webFetch(name: string, origin: string, web: Web): FetchLike {
  return async (input, init = {}) => {
    const { method = 'GET', body, signal } = init
    const headers = Object.fromEntries(new Headers(init.headers).entries())
    // a standing stream would hold a place of this host for nothing: changes are found by looking again
    if (method === 'GET' && headers['last-event-id'] === undefined) return new Response(null, { status: 405 })
    const response = await web
      .request({
        url: String(input),
        method,
        headers,
        ...(typeof body === 'string' && { body }),
        ...(signal && { signal }),
        timeout: MAX_REQUEST_MS,
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
