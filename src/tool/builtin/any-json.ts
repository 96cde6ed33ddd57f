import { z } from 'zod'
import type { Json } from '../../kernel/json.ts'

export const anyJson = z.custom<Json>((value) => value !== undefined, 'expected a value')
