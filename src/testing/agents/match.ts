import { isDeepStrictEqual } from 'node:util'
import { clip } from '../../lib/clip.ts'
import type { Pattern } from './suite.ts'

/** Where a value does not fit a pattern, in words; undefined: it fits. `path` is the place of the value. */
export function misfitOf(pattern: Pattern | undefined, value: unknown, path: string): string | undefined {
  if (pattern instanceof RegExp) {
    if (typeof value === 'string' && value.search(pattern) >= 0) return undefined
    return `${path}: expected a text that matches ${pattern}, got ${shown(value)}`
  }
  if (Array.isArray(pattern)) {
    if (!Array.isArray(value)) return `${path}: expected a list, got ${shown(value)}`
    if (value.length !== pattern.length) return `${path}: expected ${pattern.length} items, got ${value.length}`
    return firstOf(pattern.map((one, at) => [one, value[at], `${path}[${at}]`]))
  }
  if (typeof pattern === 'object' && pattern !== null) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return `${path}: expected a map, got ${shown(value)}`
    const fields = value as { readonly [key: string]: unknown }
    return firstOf(Object.entries(pattern).map(([key, one]) => [one, fields[key], `${path}.${key}`]))
  }
  if (isDeepStrictEqual(pattern, value)) return undefined
  return `${path}: expected ${shown(pattern)}, got ${shown(value)}`
}

function firstOf(pairs: readonly (readonly [pattern: Pattern | undefined, value: unknown, path: string])[]) {
  for (const pair of pairs) {
    const misfit = misfitOf(...pair)
    if (misfit !== undefined) return misfit
  }
  return undefined
}

const MAX_SHOWN = 200

/** A value as a report shows it. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const json = JSON.stringify(value, (_, one) => (one instanceof RegExp ? String(one) : one))
  return clip(json ?? String(value), MAX_SHOWN)
}
