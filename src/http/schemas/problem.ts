import { z } from 'zod'
import type { ProblemDocument } from '../wire/problem.ts'
import { maybe } from './basic.ts'

/** An error as it is told (RFC 9457). */
export const problemDocument: z.ZodType<ProblemDocument> = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string().meta({ description: 'what went wrong, for people' }),
    code: z.string().meta({ description: 'stable: what programs tell errors apart by' }),
    name: z.string(),
    hint: maybe(z.string()).meta({ description: 'what can be done about it' }),
    delay: maybe(z.number()).meta({ description: 'ms after which it may be tried again' }),
    terminal: maybe(z.boolean()).meta({ description: 'no further try will do better' }),
    place: maybe(
      z.object({
        file: maybe(z.string()),
        line: maybe(z.number()),
        column: maybe(z.number()),
        path: maybe(z.string()),
      }),
    ),
  })
  .meta({ id: 'ProblemDocument' })
