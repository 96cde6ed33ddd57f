import { z } from 'zod'

// templates yield texts where authors mean numbers and lists

/** true or false, also as text. */
export const flag = z.union([z.boolean(), z.stringbool()])
/** A number that is not negative, also as text. */
export const amount = z.union([
  z.number().min(0),
  z
    .string()
    .trim()
    .regex(/^\d+(\.\d+)?$/, 'a number is expected')
    .transform(Number),
])
/** Where an answer may come from. */
export const context = z.enum(['cli', 'gui', 'api']).exactOptional()
/** Any value. */
export const anything = z.json()
