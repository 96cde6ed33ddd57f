import type { Json } from '../../kernel/schema.ts'
import { type PlacedFault, pathsOfFault } from '../../lib/json/long-faults.ts'
import { isMap } from '../json-map.ts'

/** Each round may uncover nulls in another alternative. */
const MAX_ROUNDS = 5

/**
 * The value without the fields that are null and do not fit: models give null for an optional field that is absent. Undefined if the value
 * does not fit then, as where the field is required.
 */
export function withoutNulls(
  value: Json,
  faults: readonly PlacedFault[],
  check: (value: Json) => readonly PlacedFault[],
): Json | undefined {
  let [rest, left] = [value, faults]
  for (let round = 0; round < MAX_ROUNDS && left.length > 0; round++) {
    const paths = left.flatMap((fault) => pathsOfFault(fault)).filter((path) => isNullField(rest, path))
    if (paths.length === 0) return undefined
    for (const path of paths) rest = without(rest, path)
    left = check(rest)
  }
  return left.length === 0 ? rest : undefined
}

type Path = readonly PropertyKey[]

function isNullField(value: Json, path: Path): boolean {
  const parent = path.slice(0, -1).reduce<Json | undefined>(childOf, value)
  const name = path.at(-1)
  return isMap(parent) && typeof name === 'string' && Object.hasOwn(parent, name) && parent[name] === null
}

function childOf(value: Json | undefined, key: PropertyKey): Json | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return (value as { readonly [key: PropertyKey]: Json })[key]
}

function without(value: Json, [key, ...rest]: Path): Json {
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? without(item, rest) : item))
  const fields = Object.entries(value as { readonly [name: string]: Json })
  if (rest.length === 0) return Object.fromEntries(fields.filter(([name]) => name !== key))
  return Object.fromEntries(fields.map(([name, item]) => [name, name === key ? without(item, rest) : item]))
}
