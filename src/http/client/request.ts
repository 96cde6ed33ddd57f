import type { ProblemDocument } from '../../contract/documents/problem.ts'
import { InvalidError, is, TerminalError } from '../../errors.ts'
import type { FileSource } from '../../file/room/client.ts'
import { BYTES, EVENT_STREAM, NDJSON, type Operation } from '../../house/operation.ts'
import { losslessJson } from '../../kernel/kept-json.ts'
import { thrownFrom } from '../wire/problem.ts'
import { decodeEvents, type Sent } from '../wire/sse.ts'
import { type Patience, type Received, reconnecting, type Start } from './event-stream.ts'
import { checkAnswer, ownerGone } from './transport/errors.ts'
import type { Fetch } from './transport/unix-socket.ts'

/** Sends requests; paths are below `/v1`. */
export type Asking = {
  json(
    method: Operation['method'],
    path: string,
    body?: unknown,
    signal?: AbortSignal,
    headers?: Sending['headers'],
  ): Promise<unknown>
  text(path: string): Promise<string>
  bytes(path: string, signal?: AbortSignal): Promise<Uint8Array>
  /** The body in pieces of text, as they arrive. */
  pieces(path: string): AsyncIterable<string>
  /** Sends a body in pieces as a stream, once. */
  send(path: string, pieces: Pieces): Promise<unknown>
  /** Sends the bytes of a file, as a stream if they come in pieces. */
  sendBytes(path: string, content: FileSource, signal?: AbortSignal): Promise<unknown>
  /** The bytes of a file as they arrive, from `start` up to `end` (exclusive). */
  stream(path: string, range: ByteRange, signal?: AbortSignal): AsyncIterable<Uint8Array>
  /** An event stream. A stream with a `last` event ends only with that event. */
  follow(path: string, from?: Start, last?: string): AsyncIterable<Received>
}

export type Via = RequestSettings & { readonly fetch: Fetch }
export type Pieces = AsyncIterable<string | Uint8Array>
type ByteRange = { readonly start: number; readonly end: number }
type Sending = {
  readonly method?: string
  readonly body?: unknown
  readonly pieces?: Pieces
  readonly content?: FileSource
  readonly signal?: AbortSignal | undefined
  readonly headers?: { readonly [name: string]: string }
  /** accepted content types; absent: any */
  readonly types?: ReadonlySet<string | undefined>
}

const JSON_ONLY = new Set<string | undefined>(['application/json'])
const LINES_ONLY = new Set<string | undefined>([NDJSON])
const EVENTS_ONLY = new Set<string | undefined>([EVENT_STREAM])

/** Makes requests through a transport. */
export function askingBy(via: Via): Asking {
  const { reconnect } = via
  return {
    json: (method, path, body, signal, headers = {}) =>
      exchange(via, path, { method: method.toUpperCase(), body, signal, headers }),
    text: async (path) => (await send(via, path, {})).text(),
    bytes: async (path, signal) =>
      new Uint8Array(await (await send(via, path, { signal })).arrayBuffer().catch(throwBroken)),
    pieces: (path) => readPieces(via, path),
    send: (path, pieces) => exchange(via, path, { method: 'POST', pieces }),
    sendBytes: (path, content, signal) => exchange(via, path, { method: 'PUT', content, signal }),
    stream: (path, range, signal) => streamOf(via, path, range, signal),
    follow: (path, from = {}, last) =>
      reconnect
        ? reconnecting((on, over, opened) => follow(via, path, on, over, opened), from, last, reconnect)
        : follow(via, path, from),
  }
}

async function exchange(via: Via, path: string, sending: Sending): Promise<unknown> {
  const response = await send(via, path, { ...sending, types: JSON_ONLY })
  return response.json().catch(throwBroken)
}

async function send({ fetch, base, headers }: Via, path: string, sending: Sending): Promise<Response> {
  checkNames(path)
  const { method = 'GET', body, pieces, content, signal, headers: more, types } = sending
  const hasBody = body !== undefined
  const request = new Request(`${base}/v1${path}`, {
    method,
    headers: {
      ...headers,
      ...more,
      ...(hasBody && { 'content-type': 'application/json' }),
      ...(pieces && { 'content-type': NDJSON }),
      ...(content && { 'content-type': BYTES }),
    },
    ...(hasBody && { body: JSON.stringify(losslessJson(body)) }),
    ...(pieces && { body: ReadableStream.from(encoded(pieces)), duplex: 'half' as const }),
    ...(content && { body: bodyOf(content), duplex: 'half' as const }),
    ...(signal && { signal }),
  })
  const response = await fetch(request)
  checkAnswer(base, response, types)
  if (!response.ok) throw thrownFrom((await response.json().catch(throwBroken)) as ProblemDocument)
  return response
}

/** Whole bytes stay whole, since browsers send no stream over HTTP/1.1. */
const bodyOf = (content: FileSource) =>
  (Symbol.asyncIterator in content ? ReadableStream.from(content) : content) as Blob | ReadableStream

async function* streamOf(
  via: Via,
  path: string,
  { start, end }: ByteRange,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  if (start >= end) return
  const { body } = await send(via, path, { signal, headers: { range: `bytes=${start}-${end - 1}` } })
  try {
    yield* (body ?? []) as AsyncIterable<Uint8Array>
  } catch (error) {
    if (signal?.aborted) throw error
    throwBroken(error)
  }
}

async function* encoded(pieces: Pieces): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  for await (const piece of pieces) yield typeof piece === 'string' ? encoder.encode(piece) : piece
}

async function* readPieces(via: Via, path: string): AsyncGenerator<string> {
  const { body } = await send(via, path, { types: LINES_ONLY })
  const decoder = new TextDecoder()
  try {
    for await (const bytes of body ?? []) yield decoder.decode(bytes, { stream: true })
  } catch (error) {
    throwBroken(error)
  }
}

/** Rejects `.` and `..`, which would address another resource. */
function checkNames(path: string): void {
  const lost = path
    .split('?')[0]!
    .split('/')
    .slice(1)
    .find((name) => NAMELESS.has(name))
  if (lost === undefined) return
  throw new InvalidError(`${JSON.stringify(lost)} cannot be used in an address.`, { hint: 'Expected an id or a name.' })
}

const NAMELESS: ReadonlySet<string> = new Set(['', '.', '..'])

function throwBroken(cause: unknown): never {
  throw is(cause) ? cause : ownerGone(cause)
}

/** Reads an event stream until its connection ends. Calls `opened`, and `over` when no more events will ever come. */
export async function* follow(
  via: Via,
  path: string,
  { after, signal }: Start,
  over: () => void = () => {},
  opened: () => void = () => {},
): AsyncGenerator<Received> {
  const headers = after === undefined ? {} : { 'last-event-id': String(after) }
  const { status, body } = await send(via, path, { signal, headers, types: EVENTS_ONLY })
  if (status === 204) return over()
  opened()
  if (!body) throw new TerminalError('The response has no body.')
  const events = decodeEvents(body, signal)
  try {
    for (;;) {
      const next = await events.next().catch((error: unknown) => (signal?.aborted ? ended : throwBroken(error)))
      if (next.done) return
      yield happeningOf(next.value)
    }
  } finally {
    await events.return(undefined)
  }
}

const ended = { done: true, value: undefined } as const

function happeningOf({ id, event, data }: Sent): Received {
  if (event === 'problem') throw thrownFrom(data as ProblemDocument)
  return { ...(id !== undefined && { n: id }), body: data }
}

/** Builds a query string. Skips undefined fields. */
export function queryOf(fields: { readonly [name: string]: string | number | boolean | undefined }): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) query.set(name, String(value))
  return query.size === 0 ? '' : `?${query}`
}

/** Settings of a client: `base` and `headers` of requests, and whether a broken event stream is resumed. */
export type RequestSettings = {
  readonly base: string
  readonly headers?: { readonly [name: string]: string }
  readonly reconnect?: Patience
}

/** Sends a request that starts something under its own or a fresh id, so a retry after a lost answer starts it once. */
export function once<Request extends { readonly id?: string }>(
  kind: string,
  request: Request,
): Request & { readonly id: string } {
  return { ...request, id: request.id ?? `${kind}_${random()}` }
}

// a UUID like the runtime's own ids; not from randomUUID, which pages loaded over plain HTTP lack
function random(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
