import { request as askPlain, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as askSecure } from 'node:https'
import { pipeline, Readable } from 'node:stream'
import { traceHeader } from '../../../observe/otel/context.ts'
import { isStreamed } from './streamed.ts'

export type Target = RequestOptions & { readonly secure?: boolean }

/** Sends a request; resolves when the response starts. `quiet`: ms of silence until an event stream counts as lost. */
export async function exchange(target: Target, request: Request, quiet?: number): Promise<Response> {
  const body = isStreamed(request)
    ? Readable.fromWeb(request.body as ReadableStream)
    : request.body === null
      ? undefined
      : Buffer.from(await request.arrayBuffer())
  const message = await send(target, request, body)
  if (quiet !== undefined && isStream(message)) message.setTimeout(quiet, () => message.destroy(new Error('silence')))
  return toResponse(message)
}

function send({ secure, headers, ...target }: Target, request: Request, body: Buffer | Readable | undefined) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const sent = (secure ? askSecure : askPlain)({
    ...target,
    agent: false,
    method: request.method,
    headers: {
      ...Object.fromEntries(request.headers),
      ...traceHeader(),
      ...headers,
      ...(body instanceof Buffer && { 'content-length': body.length }),
    },
    signal: request.signal,
  })
  sent.once('socket', (socket) => socket.setKeepAlive(true, 15_000))
  sent.once('response', resolve)
  sent.once('error', reject)
  if (body instanceof Readable) pipeline(body, sent, (error) => error && reject(error))
  else sent.end(body)
  return promise
}

const isStream = ({ headers }: IncomingMessage) => headers['content-type']?.startsWith('text/event-stream') ?? false

function toResponse(message: IncomingMessage): Response {
  const headers = Object.entries(message.headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  )
  const status = message.statusCode ?? 500
  if (EMPTY.has(status)) return new Response(null, { status, headers })
  return new Response(Readable.toWeb(message) as ReadableStream<Uint8Array>, { status, headers })
}

/** Statuses of responses without a body. */
const EMPTY: ReadonlySet<number> = new Set([204, 205, 304])
