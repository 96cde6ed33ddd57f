import { InvalidError, problemOf } from '../errors.ts'
import { asJson, classOf, findNonJson, type Json, MAX_DEPTH, type NonJson, tagOf } from './json.ts'

/** A part of a value that JSON would lose or refuse. */
class Lost extends Error {
  readonly found: NonJson
  constructor(found: NonJson) {
    super(found.what)
    this.found = found
  }
}

/** How values beside JSON are taken. */
type Taking = {
  /** absent: a Date is its ISO text */
  readonly dates?: 'refused'
  /** items of lists that are undefined; absent: refused */
  readonly gaps?: 'null'
}

/**
 * A result as JSON.stringify writes it: a Date is its ISO text, an object with `toJSON` is what that returns, and an
 * instance of a class is its fields. A part that JSON would refuse, or lose in silence, such as a Map, is found
 * instead. A value that is JSON already stays as it is.
 */
export function keptJson(value: unknown, taking: Taking = {}): { readonly json: Json } | NonJson {
  if (!findNonJson(value)) return { json: value as Json }
  try {
    return { json: jsonOf(value, [], [], taking) ?? null }
  } catch (error) {
    if (error instanceof Lost) return error.found
    throw error
  }
}

type Path = readonly (string | number)[]

/** Undefined: `toJSON` says that there is nothing. */
function jsonOf(given: unknown, path: Path, above: readonly object[], taking: Taking): Json | undefined {
  const lost = (what: string) => new Lost({ what, path })
  if (taking.dates && tagOf(given) === 'Date') throw lost('a Date')
  const value = formOf(given, path)
  if (value === undefined && (given !== undefined || taking.gaps)) return undefined
  if (typeof value !== 'object' || value === null) {
    const strange = findNonJson(value)
    if (strange) throw lost(strange.what)
    return value as Json
  }
  if (above.includes(value)) throw lost('a value that contains itself')
  if (above.length === MAX_DEPTH) throw lost(`more than ${MAX_DEPTH} levels`)
  const within = [...above, value]
  // by index: the keys of a list leave out its holes
  if (Array.isArray(value)) return Array.from(value, (item, at) => jsonOf(item, [...path, at], within, taking) ?? null)
  const strange = classOf(value)
  const mayHaveFields = strange === undefined || tagOf(value) === 'Object'
  const fields = mayHaveFields ? Object.entries(value) : []
  if (strange !== undefined && fields.length === 0) throw lost(`${/^[AEIO]/.test(strange) ? 'an' : 'a'} ${strange}`)
  const all = fields.flatMap(([name, item]): [string, Json][] => {
    const one = item === undefined ? undefined : jsonOf(item, [...path, name], within, taking)
    return one === undefined ? [] : [[name, one]]
  })
  return Object.fromEntries(all)
}

/** The form that an object has in JSON. Bytes have one that is five times as long, and of no use. */
function formOf(value: unknown, path: Path): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  const { toJSON } = value as { readonly toJSON?: unknown }
  return typeof toJSON === 'function' ? toJSON.call(value, String(path.at(-1) ?? '')) : value
}

/**
 * A value that a program hands over, as a copy. `undefined` is null, and of an instance of a class its fields stay.
 * @throws InvalidError with the place of a part that JSON would change or lose, such as a Date or a promise
 */
export function jsonFrom(value: unknown, what = 'The value', taking: Taking = STRICT): Json {
  const found = reading(() => keptJson(value, taking), what)
  if (!('what' in found)) return asJson(found.json)
  const place = placeOf(found.path)
  const is = found.what.startsWith('more than') ? 'has' : 'is'
  throw new InvalidError(`${what}${place && ` \`${place}\``} ${is} ${found.what}, which JSON cannot hold.`, {
    hint: hintFor(found.what),
    place: { path: place },
  })
}

const STRICT: Taking = { dates: 'refused', gaps: 'null' }

/** As `JSON.stringify` reads it, and refused where that would lose a part. */
export const losslessJson = (value: unknown): Json => jsonFrom(value, 'The value', { gaps: 'null' })

/** Reading a value runs its code, such as a getter. */
function reading<T>(read: () => T, what: string): T {
  try {
    return read()
  } catch (error) {
    throw new InvalidError(`${what} cannot be read: ${problemOf(error).message}`, { hint: hintFor(''), cause: error })
  }
}

/** How to write a part that is not JSON, by its kind as `NonJson` has it. */
export function hintFor(what: string): string {
  const kind = what.slice(what.indexOf(' ') + 1)
  return HINTS.find(([kinds]) => kinds.test(kind))?.[1] ?? HINT
}

const HINT = 'Return texts, finite numbers, booleans, null, lists and plain maps.'
const HINTS: readonly (readonly [kinds: RegExp, hint: string])[] = [
  [/^BigInt$/, 'Return it as a text: String(value).'],
  [/^Date$/, 'Return it as a text: value.toISOString().'],
  [/^(?:Map|Headers|URLSearchParams|FormData)$/, 'Return it as a map: Object.fromEntries(value).'],
  [/^(?:Set|list of arguments)$|Generator$|Iterator$/, 'Return it as a list: [...value].'],
  [/^undefined$/, 'Return null where a value is missing.'],
  [/^Promise$/, 'Wait for it first: await value.'],
  [/Error$|Exception$/, 'Return its words: value.message.'],
  [/^(?:Response|Request)$/, 'Return what it holds: await value.json(), or await value.text().'],
  [/^(?:Blob|File)$/, 'Return its text: await value.text().'],
  [/^Buffer$/, "Return it as a text: value.toString('base64')."],
  [/Array$|Buffer$|^DataView$/, "Return it as a text: Buffer.from(value).toString('base64')."],
  [/^RegExp$/, 'Return it as a text: value.source.'],
  [/^(?:String|Number|Boolean)$/, 'Return the plain value: value.valueOf().'],
]

/** A place in a value, as messages show it. */
export function placeOf(path: Path): string {
  const text = pathText(path)
  return text.length > MAX_PATH ? `${text.slice(0, MAX_PATH).toWellFormed()}…` : text
}

const MAX_PATH = 200

/** The path as a program would write it: `rows[2].name`. */
function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(part)) return `${text}[${JSON.stringify(part)}]`
    return text === '' ? part : `${text}.${part}`
  }, '')
}
