import { z } from 'zod'
import { PRIORITIES, type Priority } from './priority.ts'

/** Apart from the words, because a program that only defines a tool loads no zod. */
export const prioritySchema: z.ZodType<Priority> = z.enum(PRIORITIES)
