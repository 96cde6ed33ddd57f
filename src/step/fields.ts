import { z } from 'zod'
import type { Problem } from '../errors.ts'
import type { ValueRef } from './values.ts'

// this code made the contents of refs, problems and ends, and they may be large: only the outer shape is checked

export const refSchema = z.custom<ValueRef>(
  (value) => isObject(value) && ('inline' in value || typeof value.blob === 'string'),
)
export const problemSchema = z.custom<Problem>((value) => isObject(value) && typeof value.code === 'string')
export const countSchema = z.number().nonnegative()

/** An optional field, without the cost of zod's `exactOptional`, which checks absent fields and drops the error. */
export const optionalField = <Field extends z.ZodType>(field: Field) => field.optional() as z.ZodExactOptional<Field>

export const textsSchema = z.array(z.string()) as z.ZodType<readonly string[]>

export const listOfMaps = <T>() => z.custom<readonly T[]>((value) => Array.isArray(value) && value.every(isObject))

export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null
}
