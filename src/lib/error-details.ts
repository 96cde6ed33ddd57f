import { clip } from './clip.ts'
import { attempt } from './flow/attempt.ts'
import { present } from './json/present.ts'

type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue | undefined }
type JsonFields = { readonly [name: string]: JsonValue | undefined }

/**
 * The parts of an error beside its message. An error behind it is `{ name, message, code }` with details of its own.
 * Anything else that was given as a cause is `{ value }`.
 */
export type ErrorDetails = {
  readonly cause?: JsonFields
  /** of an AggregateError */
  readonly errors?: readonly JsonFields[]
  /** its own fields that are JSON */
  readonly fields?: JsonFields
}

/** Causes behind an error, and errors of one AggregateError. */
const MAX_CAUSES = 5
const MAX_ERRORS = 20
/** Characters: of a name or code, of the message of a cause, of the fields of an error, and of all causes together. */
const MAX_NAME = 200
const MAX_MESSAGE = 1000
const MAX_FIELDS = 4096
const MAX_BEHIND = 8192

/** The characters that are left for something. */
type Room = { left: number }

/** The details of an error; undefined: none. The second argument: where its causes are known. Never throws. */
export function detailsOf(
  error: object,
  { cause, errors }: ErrorDetails = behind(error, [error], { left: MAX_BEHIND }),
): ErrorDetails | undefined {
  const details = present({ cause, errors, fields: fieldsOf(error, isPart) })
  return Object.keys(details).length === 0 ? undefined : details
}

/** A part of a problem in an error; undefined: it has none, or a foreign value there. */
export function partOf<Value>(error: object, name: string): Value | undefined {
  const value = peek(error, name)
  return isPart(name, value) && (name !== 'data' || isOurs(error) || hasRoom(value)) ? (value as Value) : undefined
}

/** The parts of a problem beside its details, by their names. */
const PARTS: { readonly [name: string]: (value: unknown) => boolean } = {
  code: (code) => typeof code === 'string',
  hint: (hint) => typeof hint === 'string',
  delay: Number.isFinite,
  terminal: (terminal) => terminal === true,
  data: (data) => typeof data === 'object' && data !== null && Object.values(data).every(isScalar),
}
const isPart = (name: string, value: unknown) => Object.hasOwn(PARTS, name) && PARTS[name]!(value)
const isScalar = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value)
const isOurs = (error: object) => peek(error, OURS) === true
const hasRoom = (value: unknown) => JSON.stringify(value).length <= MAX_FIELDS

/** The cause and the errors of an error. A circle ends where it begins again. */
function behind(error: object, above: readonly object[], room: Room): ErrorDetails {
  if (above.length > MAX_CAUSES) return {}
  const cause = causeOf(peek(error, 'cause'), above, room)
  const errors = errorsIn(error).flatMap((one): readonly JsonFields[] => {
    const part = causeOf(one, above, room)
    return part ? [part] : []
  })
  return { ...(cause && { cause }), ...(errors.length > 0 && { errors }) }
}

function causeOf(thrown: unknown, above: readonly object[], room: Room): JsonFields | undefined {
  if (thrown === undefined || thrown === null || above.includes(thrown) || room.left <= 0) return undefined
  const part = isError(thrown) ? namesOf(thrown) : { value: jsonOf(thrown, MAX_FIELDS) ?? messageOf(thrown) }
  const fields = isError(thrown) && fieldsOf(thrown, isKnownOfCause)
  const all = fitting(room, { ...part, ...(fields && { fields }) }) ?? fitting(room, part)
  return all && isError(thrown) ? { ...all, ...behind(thrown, [...above, thrown], room) } : all
}

function fitting(room: Room, part: JsonFields): JsonFields | undefined {
  const size = JSON.stringify(part).length
  if (size > room.left) return undefined
  room.left -= size
  return part
}

function namesOf(error: object): JsonFields {
  const code = peek(error, 'code')
  return {
    name: wordOf(error, 'name'),
    message: messageOf(peek(error, 'message')),
    ...(typeof code === 'string' && { code: wordOf(error, 'code') }),
  }
}

const messageOf = (message: unknown) => clip(textOf(message), MAX_MESSAGE)
const isKnownOfCause = (name: string, value: unknown) => name === 'code' && typeof value === 'string'

/** Fields that each error has, or that tell nothing of it. */
const OF_ALL: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause', '__proto__'])
/** Fields of errors of antiphon for its own use. */
const OF_OURS: ReadonlySet<string> = new Set(['terminal', 'delay', 'place', 'result'])
const OURS = Symbol.for('antiphon.error')

/** The own fields that are JSON, as many as have room. */
function fieldsOf(error: object, skip: (name: string, value: unknown) => boolean): JsonFields | undefined {
  let left = MAX_FIELDS
  const fields: [string, JsonValue][] = []
  for (const name of attempt(() => Object.keys(error), [])) {
    if (OF_ALL.has(name) || (isOurs(error) && OF_OURS.has(name))) continue
    const value = peek(error, name)
    if (skip(name, value) || (name === 'errors' && Array.isArray(value))) continue
    const json = jsonOf(value, left - name.length - 4)
    if (json === undefined) continue
    left -= JSON.stringify({ [name]: json }).length
    fields.push([name, json])
  }
  return fields.length === 0 ? undefined : Object.fromEntries(fields)
}

/** A copy of a value that is JSON of at most so many characters; undefined for any other value. */
function jsonOf(value: unknown, most: number): JsonValue | undefined {
  let left = most
  const text = attempt(() =>
    JSON.stringify(value, function (this: JsonFields, name, item) {
      left -= name.length + 1
      if (left < 0 || !isJson(this[name])) throw new RangeError(name)
      return item
    }),
  )
  return text === undefined || text.length > most ? undefined : JSON.parse(text)
}

function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return typeof value !== 'function' && typeof value !== 'symbol'
  const prototype = Object.getPrototypeOf(value)
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null
}

/** The errors that an error joins, such as those of an AggregateError. */
export function errorsIn(error: object): readonly unknown[] {
  const errors = peek(error, 'errors')
  return Array.isArray(errors) ? errors.slice(0, MAX_ERRORS) : []
}

/** Whether a value is an error, also one of another realm. */
export const isError = (value: unknown): value is object =>
  attempt(() => value instanceof Error || Object.prototype.toString.call(value) === '[object Error]', false)

export const peek = (value: object, name: string | symbol): unknown => attempt(() => Reflect.get(value, name))

export const textOf = (value: unknown): string => attempt(() => String(value ?? ''), 'the value cannot be read')

export const wordOf = (error: object, field: 'name' | 'code') => clip(textOf(peek(error, field)), MAX_NAME)

export function addDetails<Thrown extends Error>(error: Thrown, { cause, errors, fields = {} }: ErrorDetails): Thrown {
  const hidden = { ...(cause && { cause: thrownOf(cause) }), ...(errors && { errors: errors.map(thrownOf) }) }
  for (const [name, value] of Object.entries(hidden)) define(error, name, value, false)
  for (const [name, value] of Object.entries(fields)) define(error, name, value, true)
  return error
}

/** An error of a class that is not known here: its name says which it was. */
function thrownOf(part: JsonFields): unknown {
  if ('value' in part) return part.value
  const { name, message, code, ...details } = part
  const error = new Error(String(message))
  define(error, 'name', name, false)
  define(error, 'stack', `${name}: ${message}`, false)
  if (code !== undefined) define(error, 'code', code, true)
  return addDetails(error, details as ErrorDetails)
}

const define = (error: object, name: string, value: unknown, enumerable: boolean) =>
  Object.defineProperty(error, name, { value, enumerable, writable: true, configurable: true })
