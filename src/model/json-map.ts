import type { Json } from '../kernel/schema.ts'

/** Whether a value of JSON is an object with fields. */
export function isMap(value: unknown): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
