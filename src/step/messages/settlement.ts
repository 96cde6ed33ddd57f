import { z } from 'zod'
import type { Json } from '../../kernel/json.ts'

/** The words by which a person settles the unknown outcome of a call. */
export const SETTLEMENTS = ['done', 'not-done', 'fail'] as const

export const settlementSchema = z.strictObject({
  outcome: z.enum(SETTLEMENTS),
  /** only with `done`: what the call returned */
  result: (z.json() as z.ZodType<Json>).exactOptional(),
})

/**
 * The finding of a person about a call with an unknown outcome. `done`: it took place. `not-done`: it did not, and is
 * made under its key. `fail`: its step fails.
 */
export type Settlement = Readonly<z.infer<typeof settlementSchema>>
