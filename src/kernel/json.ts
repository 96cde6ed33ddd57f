import type { Json } from './schema.ts'

/** The value as it is after storing and reading back, shared with nobody; what has no JSON becomes null. */
export function asJson(value: unknown): Json {
  const copy = copyOf(value, DEEPEST)
  return copy === UNLIKE ? (JSON.parse(JSON.stringify(value) ?? 'null') as Json) : copy
}

// data of the usual kind is copied three times as fast as it is written and read; all else is left to JSON itself
const UNLIKE = Symbol('unlike JSON')
const DEEPEST = 200

function copyOf(value: unknown, depth: number): Json | typeof UNLIKE {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  // adding 0 makes of -0 what JSON makes of it
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null
  if (typeof value !== 'object' || depth === 0) return UNLIKE
  return Array.isArray(value) ? copyOfList(value, depth) : copyOfObject(value, depth)
}

function copyOfList(list: readonly unknown[], depth: number): Json | typeof UNLIKE {
  if (Object.getPrototypeOf(list) !== Array.prototype) return UNLIKE
  const copies: Json[] = []
  for (const item of list) {
    const copy = copyOf(item, depth - 1)
    if (copy === UNLIKE) return UNLIKE
    copies.push(copy)
  }
  return copies
}

function copyOfObject(value: object, depth: number): Json | typeof UNLIKE {
  if (Object.getPrototypeOf(value) !== Object.prototype) return UNLIKE
  const copies: { [key: string]: Json } = {}
  for (const key in value) {
    const item = (value as { readonly [key: string]: unknown })[key]
    if (item === undefined) continue
    const copy = copyOf(item, depth - 1)
    if (copy === UNLIKE || key === '__proto__') return UNLIKE
    copies[key] = copy
  }
  return copies
}
