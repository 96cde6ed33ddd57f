import { type Json, parseExact } from '../kernel/json.ts'
import { attempt } from '../lib/flow/attempt.ts'

/** The value that a person typed: JSON, or else a plain text. */
export const jsonOrText = (typed: string): Json => attempt(() => parseExact(typed) as Json, typed)
