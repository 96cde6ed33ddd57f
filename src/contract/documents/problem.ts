import { z } from 'zod'
import { errorDetails, maybe, type Plain } from '../../document.ts'

export const problemDocument = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string().meta({ description: 'what went wrong, written for people' }),
    code: z.string().meta({ description: 'stable; programs compare this' }),
    name: z.string(),
    hint: maybe(z.string()).meta({ description: 'how to fix it' }),
    delay: maybe(z.number()).meta({ description: 'ms to wait before a retry' }),
    terminal: maybe(z.boolean()).meta({ description: 'a retry cannot succeed' }),
    details: maybe(errorDetails).meta({ description: 'only for other processes of the program on its data folder' }),
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

/** An error on the wire: problem+json (RFC 9457) with what is needed to throw it again. */
export type ProblemDocument = Plain<typeof problemDocument>
