import { isJsonObject, type Json, type JsonObject } from '../kernel/json.ts'

/** The state after a JSON Merge Patch (RFC 7396): null deletes a key, maps merge, everything else replaces. */
export function mergePatch(state: JsonObject, patch: JsonObject): JsonObject {
  // entries, because assigning to a key `__proto__` would change the prototype
  const merged = new Map(Object.entries(state))
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === undefined) merged.delete(key)
    else merged.set(key, isJsonObject(value) ? mergePatch(mapAt(merged.get(key)), value) : value)
  }
  return Object.fromEntries(merged)
}

const EMPTY: JsonObject = {}
const mapAt = (value: Json | undefined) => (isJsonObject(value) ? value : EMPTY)

/** The smallest patch that turns one state into another. Neither state has null in a map: no patch can put it there. */
export function patchBetween(from: JsonObject, to: JsonObject): JsonObject {
  const gone = Object.keys(from).filter((key) => !Object.hasOwn(to, key))
  const changed = Object.entries(to).flatMap(([key, value]): readonly (readonly [string, Json])[] => {
    const before = Object.hasOwn(from, key) ? from[key] : undefined
    if (value === undefined || isSame(before, value)) return []
    return [[key, isJsonObject(before) && isJsonObject(value) ? patchBetween(before, value) : value]]
  })
  return Object.fromEntries<Json>([...gone.map((key): readonly [string, Json] => [key, null]), ...changed])
}

function isSame(one: Json | undefined, other: Json | undefined): boolean {
  if (isJsonObject(one) && isJsonObject(other)) {
    const keys = Object.keys(one)
    return keys.length === Object.keys(other).length && keys.every((key) => isSame(one[key], other[key]))
  }
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, at) => isSame(item, other[at]))
  return one === other
}
