import { z } from 'zod'
import type { ErrorPlace } from '../../errors.ts'
import { maybe, schemaOf } from './basic.ts'

/** An error on the wire: problem+json (RFC 9457) with what is needed to throw it again. */
export type ProblemDocument = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly name: string
  readonly delay?: number
  readonly terminal?: boolean
  readonly place?: ErrorPlace
  readonly hint?: string
}

/** An error response (RFC 9457). */
export const problemDocument = schemaOf<ProblemDocument>()(
  z
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
      place: maybe(
        z.object({
          file: maybe(z.string()),
          line: maybe(z.number()),
          column: maybe(z.number()),
          path: maybe(z.string()),
        }),
      ),
    })
    .meta({ id: 'ProblemDocument' }),
)
