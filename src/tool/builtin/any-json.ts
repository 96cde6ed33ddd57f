import { z } from 'zod'
import type { Json } from '../../kernel/schema.ts'

export const anyJson = z.custom<Json>((value) => value !== undefined, 'expected a value')
