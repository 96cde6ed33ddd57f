/** Any value that can be stored and sent. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/** A deep copy, as after storing and reading. Null for values without JSON. */
export function asJson(value: unknown): Json {
  const copy = copyOf(value, MAX_DEPTH, same)
  return copy === NOT_JSON ? read(value) : copy
}

/** The same copy, frozen. `other` reads a value that is not plain JSON. */
export function asFrozenJson(value: unknown, other: (value: unknown) => Json = read): Json {
  const copy = copyOf(value, MAX_DEPTH, Object.freeze)
  return copy === NOT_JSON ? freeze(other(value)) : copy
}

/** The value as text: a string unchanged, all else as JSON. `String(value)` throws for a map with a `toString`. */
export const asText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** A map of JSON values, as opposed to a list or a scalar. */
export type JsonObject = { readonly [key: string]: Json }

/** Whether a value is a map: neither a list nor null nor a scalar. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Freezes a value. A value that an actor could change after its turn would be shared, or differ from disk. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const key in value) freeze(value[key])
  return Object.freeze(value)
}

/** A part of a value that JSON cannot express, such as `NaN` or `a function`. `path` is empty for the value itself. */
export type NonJson = { readonly what: string; readonly path: readonly (string | number)[] }

/** The first part of a value that JSON cannot express. An undefined field of a map counts as absent. */
export const findNonJson = (value: unknown): NonJson | undefined => findIn(value, [])

function findIn(value: unknown, above: object[]): NonJson | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : at(String(value))
  if (typeof value === 'undefined') return at('undefined')
  if (typeof value !== 'object') return at(typeof value === 'bigint' ? 'a BigInt' : `a ${typeof value}`)
  if (above.includes(value)) return at('a value that contains itself')
  const strange = classOf(value)
  if (strange !== undefined) return at(`${/^[AEIO]/.test(strange) ? 'an' : 'a'} ${strange}`)
  if (above.length === MAX_DEPTH) return at(`more than ${MAX_DEPTH} levels`)
  above.push(value)
  const found = Array.isArray(value) ? findInList(value, above) : findInMap(value, above)
  above.pop()
  return found
}

function findInList(list: readonly unknown[], above: object[]): NonJson | undefined {
  // by index: the keys of a list leave out its holes
  for (let index = 0; index < list.length; index++) {
    const found = findIn(list[index], above)
    if (found) return { ...found, path: [index, ...found.path] }
  }
  return undefined
}

function findInMap(map: object, above: object[]): NonJson | undefined {
  for (const key of Object.keys(map)) {
    const item = (map as { readonly [key: string]: unknown })[key]
    const found = item === undefined ? undefined : findIn(item, above)
    if (found) return { ...found, path: [key, ...found.path] }
  }
  return undefined
}

const at = (what: string): NonJson => ({ what, path: [] })

/** The class of an object; undefined for a plain map or list, also one of another realm. */
export function classOf(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype) return tagOf(value) === 'Arguments' ? 'list of arguments' : undefined
  if (prototype === null || prototype === Array.prototype) return undefined
  const { name } = (value.constructor ?? {}) as { readonly name?: string }
  const isPlain = Array.isArray(value) ? name === 'Array' : name === 'Object'
  return isPlain && !Object.hasOwn(value, 'constructor') ? undefined : name || namedByTag(tagOf(value))
}

/** The kind of an object, such as `Generator`, also of one of another realm. */
export const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice('[object '.length, -1)

const namedByTag = (tag: string) => (tag === 'Object' ? 'strange object' : tag)

const same: Finish = (copy) => copy
const read = (value: unknown) => JSON.parse(JSON.stringify(value) ?? 'null') as Json

// copying plain data is three times as fast as JSON; all other values go through JSON
const NOT_JSON = Symbol('unlike JSON')
/** The levels that a value may have. */
export const MAX_DEPTH = 200
/** Called for each copied list and map. */
type Finish = <T extends object>(copy: T) => T

function copyOf(value: unknown, depth: number, finish: Finish): Json | typeof NOT_JSON {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  // adding 0 turns -0 into 0, as JSON does
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null
  if (typeof value !== 'object' || depth === 0) return NOT_JSON
  return Array.isArray(value) ? copyOfList(value, depth, finish) : copyOfObject(value, depth, finish)
}

function copyOfList(list: readonly unknown[], depth: number, finish: Finish): Json | typeof NOT_JSON {
  if (Object.getPrototypeOf(list) !== Array.prototype) return NOT_JSON
  const copies = list.slice() as Json[]
  for (let at = 0; at < copies.length; at++) {
    const copy = copyOf(copies[at], depth - 1, finish)
    if (copy === NOT_JSON) return NOT_JSON
    copies[at] = copy
  }
  return finish(copies)
}

function copyOfObject(value: object, depth: number, finish: Finish): Json | typeof NOT_JSON {
  if (Object.getPrototypeOf(value) !== Object.prototype) return NOT_JSON
  const copies: { [key: string]: Json } = {}
  for (const key in value) {
    const item = (value as { readonly [key: string]: unknown })[key]
    if (item === undefined) continue
    const copy = copyOf(item, depth - 1, finish)
    if (copy === NOT_JSON || key === '__proto__') return NOT_JSON
    copies[key] = copy
  }
  return finish(copies)
}

/** Whole numbers: decimal, octal or hexadecimal. */
const WHOLE = /^(?:[-+]?\d+|0o[0-7]+|0x[\da-f]+)$/i

/**
 * Returns the number, or its text if a number would lose digits: 1098765432109876543 would become
 * 1098765432109876500. A fraction is the nearest double, as in every JSON reader.
 */
export function exactNumber(value: number, written: string): number | string {
  if (Number.isSafeInteger(value)) return value
  if (!Number.isFinite(value)) return written
  return WHOLE.test(written) || losesWholeDigits(value, written) ? written : value
}

/** Whether a number beyond 2^53 that is not written as a whole number, such as 12345678901234567.89, loses digits. */
function losesWholeDigits(value: number, written: string): boolean {
  return Math.abs(value) > Number.MAX_SAFE_INTEGER && significantDigits(written) !== significantDigits(String(value))
}

/** The end is a scan: a pattern for zeros at an end looks at each zero before it again and again. */
function significantDigits(written: string): string {
  const [mantissa = ''] = written.split(/e/i, 1)
  const digits = mantissa.replace(/[-+._]/g, '').replace(/^0+/, '')
  let end = digits.length
  while (digits[end - 1] === '0') end -= 1
  return digits.slice(0, end)
}

/** Parses JSON so that no number loses digits. `keep` converts its numbers. */
export function parseExact(text: string, keep = exactNumber): unknown {
  return mayLosePrecision(text) ? (JSON.parse as Parse)(text, reviveBy(keep)) : JSON.parse(text)
}

/** The same; undefined if the text is no JSON. */
export const tryParseExact = (text: string): unknown => tryParse(text, parseExact)

/** The value of a JSON text, with numbers as JavaScript reads them; undefined if the text is no JSON. */
export function tryParse(text: string, parse: (text: string) => unknown = JSON.parse): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

/** The JSON with the numbers that would lose digits as texts, for a reader that parses it itself. Other text stays. */
export function withExactNumbers(text: string): string {
  const parsed = mayLosePrecision(text) ? tryParseExact(text) : undefined
  return parsed === undefined ? text : JSON.stringify(parsed)
}

/**
 * Whether the JSON may contain a number that loses digits. Most JSON does not, and parses several times faster.
 * The second pattern spares JSON whose long digits are fractions or parts of texts.
 */
export const mayLosePrecision = (text: string) => LONG.test(text) && LONG_NUMBER.test(text)
const LONG = /\d{16}|\d[eE]\+?\d/
const LONG_NUMBER = /(?:^|[[:,\s])-?\d+(?:\d{15}|(?:\.\d+)?[eE]\+?\d)/

/** The parse function with source access, which the TypeScript types do not know yet. */
type Parse = (text: string, revive: ReturnType<typeof reviveBy>) => unknown

function reviveBy(keep: typeof exactNumber) {
  return (_key: string, value: unknown, { source }: { readonly source?: string }): unknown =>
    typeof value === 'number' && source !== undefined ? keep(value, source) : value
}

/** A number that `JSON.stringify` writes as it is given, with all digits. TypeScript does not know it yet. */
export const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON
