import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FetchHandler } from './handler.ts'

/** A request as Express and similar servers pass it on. */
type Passed = IncomingMessage & { readonly originalUrl?: string; readonly body?: unknown; rawBody?: Buffer }

/**
 * Adapts a handler to `node:http` and Express, such as for `site.use('/ai', …)`. If the server has already parsed the
 * body, the handler gets it serialised again.
 */
export function toNodeListener(
  handler: FetchHandler,
): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  let loading: Promise<(incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>> | undefined
  return async (incoming: Passed, outgoing) => {
    loading ??= import('../server/serve.ts').then(({ nodeListener }) => nodeListener(handler))
    const listen = await loading
    const { url, originalUrl = url } = incoming
    const parsed = parsedBodyOf(incoming)
    if (parsed !== undefined) incoming.rawBody = Buffer.from(parsed)
    // a router takes its path off the URL; the listener reads it at once
    if (originalUrl !== undefined) incoming.url = originalUrl
    const answered = listen(incoming, outgoing)
    if (url !== undefined) incoming.url = url
    await answered
  }
}

/** The body that a parser has left; undefined if the body can still be read. */
function parsedBodyOf({ body, readableDidRead, headers }: Passed): string | Uint8Array | undefined {
  if (body === undefined || !readableDidRead) return undefined
  if (typeof body === 'string' || body instanceof Uint8Array) return body
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false
  return isForm ? new URLSearchParams(body as { [name: string]: string }).toString() : JSON.stringify(body)
}
