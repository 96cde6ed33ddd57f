import type { Json } from '../kernel/schema.ts'
import { parseExact } from '../lib/json/exact.ts'

/** The value that a person typed: JSON, or else a plain text. */
export function jsonOrText(typed: string): Json {
  try {
    return parseExact(typed) as Json
  } catch {
    return typed
  }
}
