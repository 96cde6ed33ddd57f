import { isJsonObject } from '../../../kernel/json.ts'

/** A map of JSON from outside, whose values are not checked yet. */
export type JsonFields = { readonly [name: string]: unknown }

/** The fields with changes; the same object if nothing changes. */
export function changed(
  fields: JsonFields,
  changes: { readonly [name: string]: (value: unknown) => unknown },
): JsonFields {
  const made = Object.entries(changes).flatMap(([name, change]) => {
    if (!Object.hasOwn(fields, name)) return []
    const value = change(fields[name])
    return value === fields[name] ? [] : [[name, value] as const]
  })
  return made.length === 0 ? fields : { ...fields, ...Object.fromEntries(made) }
}

/** The fields with others that they lack; the same object if they lack none. */
export const withFields = (fields: JsonFields, needed: JsonFields): JsonFields =>
  Object.keys(needed).every((name) => Object.hasOwn(fields, name)) ? fields : { ...needed, ...fields }

/** A change of each item of a list; the same list if nothing changes. */
export const eachOf = (change: (value: unknown) => unknown) => (list: unknown) => {
  if (!Array.isArray(list)) return list
  const made = list.map(change)
  return made.some((one, at) => one !== list[at]) ? made : list
}

/** A change of a map; any other value stays. */
export const inMap = (change: (fields: JsonFields) => JsonFields) => (value: unknown) =>
  isJsonObject(value) ? change(value) : value

/** A change of each item of a list by its place; the same list if nothing changes. */
export function eachPlace(
  items: readonly unknown[],
  change: (place: number) => (item: unknown) => unknown,
): readonly unknown[] {
  const made = items.map((item, place) => change(place)(item))
  return made.some((one, at) => one !== items[at]) ? made : items
}

/** Whether a value is a map of one of these types. */
export const isOneOf =
  (...types: readonly string[]) =>
  (value: unknown): boolean =>
    isJsonObject(value) && types.includes(String(value.type))

/** The list without the items that are not known; the same list if all are. */
export const knownOf = (isKnown: (value: unknown) => boolean) => (list: unknown) =>
  Array.isArray(list) && !list.every(isKnown) ? list.filter(isKnown) : list
