import { z } from 'zod'
import { anyJson } from '../any-json.ts'

/** What tools that come later need to run. */
export type UnavailableOperations = { readonly missing: string; readonly operations: Operations }

/** Operations of a tool: what each does, which parameters it needs, which it may have. */
type Operations = {
  readonly [operation: string]: readonly [description: string, needs: z.ZodRawShape, may?: z.ZodRawShape]
}

export const text = z.string()
export const number = z.number()
export const flag = z.boolean()
export const list = z.array(anyJson)
export const map = z.record(z.string(), anyJson)
