import { attempt } from '../flow/attempt.ts'
/** The names of a reference into the same JSON document, such as `#/a/b`; undefined for any other reference. Pure. */
export function namesInPointer(reference: string): readonly string[] | undefined {
  return /^#(?:\/|$)/.test(reference) ? reference.split('/').slice(1).map(nameOf) : undefined
}

/** The target of a reference into the same document; undefined: it has none, or it is any other reference. Pure. */
export function targetOf<T>(reference: string, root: T): T | undefined {
  return namesInPointer(reference)?.reduce<T | undefined>(childOf, root)
}

/** The own field of a value; undefined: it has none. */
export function childOf<T>(value: T | undefined, name: PropertyKey): T | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as { readonly [name: PropertyKey]: T })[name]
}

const nameOf = (part: string): string => decoded(part).replaceAll('~1', '/').replaceAll('~0', '~')

const decoded = (part: string): string => attempt(() => decodeURIComponent(part), part)
