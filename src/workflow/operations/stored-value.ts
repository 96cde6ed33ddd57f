import { InvalidError, problemOf } from '../../errors.ts'
import { checkSize } from '../../kernel/limits.ts'
import type { Json } from '../../kernel/schema.ts'
import { badResult } from '../../tool/bad-result.ts'

/**
 * The value as it is stored, and as the workflow gets it: what JSON keeps of it. `undefined` is null.
 * @throws an error of code `bad_result` for a value that JSON changes or cannot hold: `what` was made, and is not
 * repeated
 */
export function asJson(value: unknown, what: string): Json {
  if (value === undefined) return null
  try {
    return toJson(value)
  } catch (error) {
    throw badResult(what, problemOf(error).message, { hint: problemOf(error).hint })
  }
}

/** The most characters of the JSON of a value. */
const MAX_VALUE = 64 * 1024 * 1024

/** The JSON of a value, as a copy. InvalidError for a value that JSON changes or cannot hold. */
export function toJson(value: unknown): Json {
  checkSize(value, MAX_VALUE, 'The value')
  return copyOf(value, '') ?? null
}

/** Fields without a value are dropped, and of an object of a class its fields stay: a reader sees that. */
function copyOf(item: unknown, key: string): Json | undefined {
  const kind = foreignKind(item)
  if (kind !== undefined) {
    const at = key === '' ? 'The value' : `The value \`${key}\``
    throw new InvalidError(`${at} is ${kind}, which JSON cannot hold.`, {
      hint: 'Return text, numbers, lists and maps.',
    })
  }
  if (typeof item !== 'object' || item === null) return item as Json | undefined
  const { toJSON } = item as { readonly toJSON?: unknown }
  if (typeof toJSON === 'function') return copyOf(toJSON.call(item, key), key)
  if (Array.isArray(item)) return item.map((one, index) => copyOf(one, `${key}[${index}]`) ?? null)
  const entries = Object.entries(item).map(([name, one]) => [name, copyOf(one, key === '' ? name : `${key}.${name}`)])
  return Object.fromEntries(entries.filter(([, one]) => one !== undefined))
}

function foreignKind(item: unknown): string | undefined {
  if (typeof item === 'function') return 'a function'
  if (typeof item === 'symbol') return 'a symbol'
  if (typeof item === 'number' && !Number.isFinite(item)) return String(item)
  if (item instanceof Date) return 'a Date'
  if (item instanceof Map || item instanceof Set) return `a ${item.constructor.name}`
  if (ArrayBuffer.isView(item)) return 'a list of bytes'
  return undefined
}
