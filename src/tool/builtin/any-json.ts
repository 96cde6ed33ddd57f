import { z } from 'zod'
import type { Json } from '../../kernel/schema.ts'

/** Any value at all. */
export const anyJson = z.custom<Json>((value) => value !== undefined, 'expected a value')
