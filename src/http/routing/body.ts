import type { HonoRequest } from 'hono'
import type { Clock } from '../../engine/engine.ts'
import { InvalidError, is, TerminalError } from '../../errors.ts'
import { NDJSON } from '../../house/operation.ts'
import { exactNumber, type Json, mayLosePrecision, parseExact } from '../../kernel/json.ts'
import { checkSize } from '../../kernel/limits.ts'
import { pacedPieces, timedPieces, withinBodyTime } from './body-time.ts'

export const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i

export const FORM_TYPE = 'application/x-www-form-urlencoded'

/** Converts a submitted form into a body. */
export type ReadForm = (form: URLSearchParams) => Json

/** The limits of a body in bytes and time, and the form reader if the route accepts forms. */
type Reading = { readonly limit: number; readonly clock: Clock; readonly form: ReadForm | undefined }

export async function readBody(request: HonoRequest, { limit, clock, form }: Reading): Promise<unknown> {
  const type = request.header('content-type') ?? ''
  checkPacking(request.header('content-encoding'))
  const text = textOf(await readBytes(request, limit, clock))
  return form && type.startsWith(FORM_TYPE) ? form(new URLSearchParams(text)) : jsonOf(text, type)
}

/** An empty body is `{}`. It must declare itself as JSON: other origins cannot send that without a preflight. */
function jsonOf(text: string, type: string): unknown {
  if (text === '') return {}
  if (!JSON_TYPE.test(type)) throw unsupported(type)
  const body = parsed(text)
  // keys and depth are limited even for fields that no schema reads
  checkSize(body, Number.POSITIVE_INFINITY, 'The body')
  return mayLosePrecision(text) ? exactJson(text, 'body') : body
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new InvalidError(`The body is not JSON: ${(cause as Error).message}.`, { cause })
  }
}

/** Messages may hold files as data URLs: 20 MiB of a visitor, as base64. */
const MESSAGE_PATH = /\/(?:conversations\/[^/]+\/messages|agents\/[^/]+\/(?:chat|ag-ui))$/
const MAX_MESSAGE_BYTES = 28 * 1024 * 1024

export const bodyLimit = (path: string, maxBody: number) =>
  MESSAGE_PATH.test(path) ? Math.max(maxBody, MAX_MESSAGE_BYTES) : maxBody

const PLAIN = 'identity'

async function readBytes(request: HonoRequest, limit: number, clock: Clock): Promise<Uint8Array | ArrayBuffer> {
  if (request.raw.bodyUsed) throw alreadyRead()
  const length = request.header('content-length')
  if (length !== undefined && Number(length) > limit) throw tooLarge(limit)
  // Node enforces content-length: the client cannot send more
  const bytes =
    length === undefined
      ? readSome(request.raw.body, limit, clock)
      : withinBodyTime(clock, Number(length), request.arrayBuffer())
  return bytes.catch(brokenOff)
}

/** The client may disconnect early. That is not a fault of the server. */
function brokenOff(cause: unknown): never {
  throw is(cause) ? cause : new InvalidError('The body broke off.', { cause })
}

async function readSome(body: ReadableStream<Uint8Array> | null, limit: number, clock: Clock): Promise<Uint8Array> {
  const bytes = await bytesUpTo(body, limit, clock)
  if (bytes.byteLength > limit) throw tooLarge(limit)
  return bytes
}

/** The bytes of a body; of a body that is larger than the limit, its beginning with at least one byte more. */
export async function bytesUpTo(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
  clock: Clock,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ? pacedPieces(body, clock) : []) {
    bytes += chunk.byteLength
    chunks.push(chunk)
    if (bytes > limit) break
  }
  return Buffer.concat(chunks)
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** The body of a request in pieces, as they arrive. @throws TerminalError for a body that is not lines of JSON */
export function piecesOf({ body, headers }: Request, clock: Clock): AsyncIterable<Uint8Array> {
  const type = headers.get('content-type') ?? ''
  checkPacking(headers.get('content-encoding'))
  if (type.split(';')[0]!.trim().toLowerCase() !== NDJSON) throw unsupported(type, NDJSON)
  return readPieces(body && timedPieces(body, clock))
}

/** The body of a request as bytes of any type, as they arrive. It fails if the client goes away before the end. */
export async function* bytesOf({ body, bodyUsed, headers }: Request, clock: Clock): AsyncGenerator<Uint8Array> {
  checkPacking(headers.get('content-encoding'))
  if (bodyUsed) throw alreadyRead()
  const expected = headers.get('content-length')
  let bytes = 0
  for await (const piece of readPieces(body && pacedPieces(body, clock))) {
    bytes += piece.byteLength
    yield piece
  }
  if (expected !== null && Number(expected) !== bytes) brokenOff(undefined)
}

async function* readPieces(body: AsyncIterable<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  try {
    if (body) yield* body
  } catch (error) {
    brokenOff(error)
  }
}

/** Rejects other encodings: decoding them as UTF-8 would store wrong characters. */
function textOf(bytes: Uint8Array | ArrayBuffer): string {
  try {
    return UTF8.decode(bytes)
  } catch (cause) {
    throw new InvalidError('The body is not valid UTF-8.', { cause })
  }
}

function tooLarge(limit: number): TerminalError {
  return new TerminalError(`The body is larger than ${limit} bytes.`, {
    code: 'too_large',
    hint: 'The server sets the limit with serve.maxBody in antiphon.yaml.',
  })
}

export function alreadyRead(): TerminalError {
  return new TerminalError('The body of the request was read before it reached antiphon.', {
    code: 'body_read',
    hint: 'Pass the request to the handler before other code reads its body, or let that code read `request.clone()`.',
  })
}

export function checkPacking(packing: string | null | undefined): void {
  if (!packing || packing.toLowerCase() === PLAIN) return
  throw new TerminalError(`The body has the content-encoding ${packing.slice(0, 100)}.`, {
    code: 'unsupported_type',
    hint: 'Send it uncompressed, without the header content-encoding.',
  })
}

export function unsupported(type: string, expected = 'application/json'): TerminalError {
  const said = type === '' ? 'no content-type' : type.slice(0, 100)
  return new TerminalError(`Expected ${expected}, got ${said}.`, {
    code: 'unsupported_type',
    hint: `Send the header content-type: ${expected}.`,
  })
}

/**
 * Parses JSON. A whole number beyond 2^53 stays a string, so that it keeps all digits.
 * @throws InvalidError with the path of the first number that is too large to represent, such as
 * 1e400
 */
export function exactJson(text: string, what: string): unknown {
  const value = parseExact(text, asSent)
  const path = pathToInfinite(value)
  if (path === undefined) return value
  const place = path.join('.')
  throw new InvalidError(`${place === '' ? what : `${what}.${place}`}: the number is too large to represent.`, {
    place: { path: place },
    hint: 'Send it as a string.',
  })
}

function asSent(value: number, written: string): number | string {
  const exact = exactNumber(value, written)
  // some languages write every number as a float, such as 1.0
  if (exact === value || !Number.isFinite(value) || written === String(value)) return value
  return /^-?\d+$/.test(written) && BigInt(written) === BigInt(value) ? value : exact
}

function pathToInfinite(value: unknown): readonly string[] | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : []
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, inner] of Object.entries(value)) {
    const path = pathToInfinite(inner)
    if (path) return [name, ...path]
  }
  return undefined
}
