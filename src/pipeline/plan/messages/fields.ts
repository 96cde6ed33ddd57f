import { z } from 'zod'
import type { Problem } from '../../../errors.ts'
import type { Ref } from '../refs.ts'

// what refs, problems and ends hold was made by this code and may be large: their shape is looked at, not their depths

export const ref = z.custom<Ref>((value) => isMap(value) && ('inline' in value || typeof value.blob === 'string'))
export const problem = z.custom<Problem>((value) => isMap(value) && typeof value.code === 'string')
export const count = z.number().nonnegative()

/** A field that may be absent. `exactOptional` checks one that is, and throws away what it complains of: most fields of most messages. */
export const maybe = <Field extends z.ZodType>(field: Field) => field.optional() as unknown as z.ZodExactOptional<Field>

/** A list of maps. */
export const maps = <T>() => z.custom<readonly T[]>((value) => Array.isArray(value) && value.every(isMap))

export function isMap(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null
}
