import { z } from 'zod'

/** The operations of an unavailable tool, and what they need to work. */
export type UnavailableOperations = { readonly missing: string; readonly operations: Operations }

/** By operation: description, required parameters, optional parameters. */
type Operations = {
  readonly [operation: string]: readonly [description: string, needs: z.ZodRawShape, may?: z.ZodRawShape]
}

export const text = z.string()
export const number = z.number()
