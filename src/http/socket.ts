import { request as httpRequest, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { ownerGone } from './gone.ts'

/** Anything that answers a request: an app in this process, a socket, the network. */
export type Fetch = (request: Request) => Response | Promise<Response>

/** Asks over a Unix socket; RetryableError `owner_gone` when nobody answers there. */
export function socketFetch(socketPath: string): Fetch {
  return async (request) => {
    const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer())
    return toResponse(await exchange(socketPath, request, body))
  }
}

function exchange(socketPath: string, request: Request, body: Buffer | undefined): Promise<IncomingMessage> {
  const { pathname, search } = new URL(request.url)
  return new Promise((resolve, reject) => {
    const sent = httpRequest({
      socketPath,
      agent: false,
      method: request.method,
      path: pathname + search,
      headers: { ...Object.fromEntries(request.headers), ...(body && { 'content-length': body.length }) },
      signal: request.signal,
    })
    sent.once('response', resolve)
    sent.once('error', (cause) => reject(request.signal.aborted ? cause : ownerGone(cause)))
    sent.end(body)
  })
}

function toResponse(message: IncomingMessage): Response {
  const headers = Object.entries(message.headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  )
  const body = Readable.toWeb(message) as ReadableStream<Uint8Array>
  return new Response(body, { status: message.statusCode ?? 500, headers })
}
