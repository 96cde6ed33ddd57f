import { classOf, findNonJson, MAX_DEPTH, type NonJson } from '../../kernel/json.ts'
import type { Json } from '../../kernel/schema.ts'

/** A part of a value that JSON would lose or refuse. */
class Lost extends Error {
  readonly found: NonJson
  constructor(found: NonJson) {
    super(found.what)
    this.found = found
  }
}

/**
 * A result as JSON.stringify writes it: a Date is its ISO text, an object with `toJSON` is what that returns, and an
 * instance of a class is its fields. A part that JSON would refuse, or lose in silence, such as a Map, is found
 * instead. A value that is JSON already stays as it is.
 */
export function keptJson(value: unknown): { readonly json: Json } | NonJson {
  if (!findNonJson(value)) return { json: value as Json }
  try {
    return { json: jsonOf(value, [], []) ?? null }
  } catch (error) {
    if (error instanceof Lost) return error.found
    throw error
  }
}

type Path = readonly (string | number)[]

/** Undefined: `toJSON` says that there is nothing. */
function jsonOf(given: unknown, path: Path, above: readonly object[]): Json | undefined {
  const lost = (what: string) => new Lost({ what, path })
  const value = formOf(given, path)
  if (value === undefined && given !== undefined) return undefined
  if (typeof value !== 'object' || value === null) {
    const strange = findNonJson(value)
    if (strange) throw lost(strange.what)
    return value as Json
  }
  if (above.includes(value)) throw lost('a value that contains itself')
  if (above.length === MAX_DEPTH) throw lost(`more than ${MAX_DEPTH} levels`)
  const within = [...above, value]
  // by index: the keys of a list leave out its holes
  if (Array.isArray(value)) return Array.from(value, (item, at) => jsonOf(item, [...path, at], within) ?? null)
  const strange = classOf(value)
  const fields = Object.entries(value)
  const hasFields = fields.length > 0 && Object.prototype.toString.call(value) === '[object Object]'
  if (strange !== undefined && !hasFields) throw lost(`${/^[AEIO]/.test(strange) ? 'an' : 'a'} ${strange}`)
  const all = fields.flatMap(([name, item]): [string, Json][] => {
    const one = item === undefined ? undefined : jsonOf(item, [...path, name], within)
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
