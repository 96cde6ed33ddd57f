import type { HonoRequest } from 'hono'
import { InvalidError, is, TerminalError } from '../../errors.ts'
import { checkSize } from '../../kernel/limits.ts'
import type { Json } from '../../kernel/schema.ts'
import { exactNumber, mayLosePrecision, readJson } from '../../yaml/exact-numbers.ts'

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i

/** How a browser sends what stands in a form. */
export const FORM_TYPE = 'application/x-www-form-urlencoded'

/** Makes a body of what stands in a form. */
export type ReadForm = (form: URLSearchParams) => Json

/** How a body may come: in at most so many bytes, and as a form where one may be sent. */
export type Reading = { readonly limit: number; readonly form: ReadForm | undefined }

/** The request's body as JSON, or of a form where one may be sent. */
export async function readBody(request: HonoRequest, { limit, form }: Reading): Promise<unknown> {
  const type = request.header('content-type') ?? ''
  const packing = request.header('content-encoding') ?? PLAIN
  if (packing.toLowerCase() !== PLAIN) throw packed(packing)
  const text = textOf(await readBytes(request, limit))
  return form && type.startsWith(FORM_TYPE) ? form(new URLSearchParams(text)) : jsonOf(text, type)
}

/** The body as JSON; of none an empty object. Only what says that it is JSON is read: a page of another origin cannot send that unasked. */
function jsonOf(text: string, type: string): unknown {
  if (text === '') return {}
  if (!JSON_TYPE.test(type)) throw unsupported(type)
  const body = parsed(text)
  // what nobody takes in the end breaks nothing on its way there
  checkSize(body, Number.POSITIVE_INFINITY, 'the body')
  return mayLosePrecision(text) ? exactJson(text, 'body') : body
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new InvalidError(`The body is not JSON: ${(cause as Error).message}.`, { cause })
  }
}

const PLAIN = 'identity'

async function readBytes(request: HonoRequest, limit: number): Promise<Uint8Array | ArrayBuffer> {
  const length = request.header('content-length')
  if (length !== undefined && Number(length) > limit) throw tooLarge(limit)
  // who says how much it is cannot send more
  const bytes = length === undefined ? readSome(request.raw.body, limit) : request.arrayBuffer()
  return bytes.catch(brokenOff)
}

/** Who sends it may go before its end: that is no fault of the server, and nobody is told. */
function brokenOff(cause: unknown): never {
  throw is(cause) ? cause : new InvalidError('The body broke off.', { cause })
}

async function readSome(body: ReadableStream<Uint8Array> | null, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength
    if (bytes > limit) throw tooLarge(limit)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** What is written otherwise, as by an editor of long ago, would be kept with other characters than were meant. */
function textOf(bytes: Uint8Array | ArrayBuffer): string {
  try {
    return UTF8.decode(bytes)
  } catch (cause) {
    throw new InvalidError('The body is not UTF-8, as JSON is.', { cause })
  }
}

function tooLarge(limit: number): TerminalError {
  return new TerminalError(`The body is larger than ${limit} bytes.`, {
    code: 'too_large',
    hint: 'How large one may be is said by serve.maxBody in antiphon.yaml, at the server.',
  })
}

function packed(packing: string): TerminalError {
  return new TerminalError(`The body is packed by ${packing.slice(0, 100)}.`, {
    code: 'unsupported_type',
    hint: 'Send it as it is, without the header content-encoding.',
  })
}

/** What is thrown of a body that does not say that it is JSON. */
export function unsupported(type: string): TerminalError {
  const said = type === '' ? 'of no type' : `of the type ${type.slice(0, 100)}`
  return new TerminalError(`The body is ${said}, and JSON is expected.`, {
    code: 'unsupported_type',
    hint: 'Send the header content-type: application/json.',
  })
}

/**
 * What JSON says; a whole number of which a number would not have all digits stays as it is written, as in a pipeline. Throws an
 * InvalidError that names the first one larger than any number can be, as 1e400 is: it would be none.
 */
export function exactJson(text: string, what: string): unknown {
  const value = readJson(text, asSent)
  const path = pathToInfinite(value)
  if (path === undefined) return value
  const place = path.join('.')
  throw new InvalidError(`${place === '' ? what : `${what}.${place}`}: the number is too large to be kept`, {
    place: { path: place },
    hint: 'Send it as a text.',
  })
}

function asSent(value: number, written: string): number | string {
  const kept = exactNumber(value, written)
  // programs that have no other numbers write theirs so
  if (kept === value || !Number.isFinite(value) || written === String(value)) return value
  return BigInt(written) === BigInt(value) ? value : kept
}

/** Undefined when there is none. */
function pathToInfinite(value: unknown): readonly string[] | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : []
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, inner] of Object.entries(value)) {
    const path = pathToInfinite(inner)
    if (path) return [name, ...path]
  }
  return undefined
}
