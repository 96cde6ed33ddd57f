import { isJsonObject } from '../../kernel/json.ts'

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

/** A change of each item of a list; the same list if nothing changes. */
export const eachOf = (change: (value: unknown) => unknown) => (list: unknown) => {
  if (!Array.isArray(list)) return list
  const made = list.map(change)
  return made.some((one, at) => one !== list[at]) ? made : list
}

/** A change of a map; any other value stays. */
export const inMap = (change: (fields: JsonFields) => JsonFields) => (value: unknown) =>
  isJsonObject(value) ? change(value) : value
