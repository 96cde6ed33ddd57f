import { z } from 'zod'
import type { AuditLine } from '../../runtime/ports/access.ts'
import { maybe, time } from './basic.ts'

/** A line of the audit. */
export const auditLine: z.ZodType<AuditLine> = z
  .object({
    at: time,
    key: maybe(z.string()).meta({ description: 'the id of the key; absent: asked without one' }),
    owner: z.string(),
    method: z.string(),
    route: z.string().meta({ description: 'as it is declared' }),
    target: z.string().meta({ description: 'the path that was asked for' }),
    status: z.number(),
    address: maybe(z.string()).meta({ description: 'where from' }),
    cursor: z.string().meta({ description: 'give it as `after` for what is behind this line' }),
  })
  .meta({ id: 'AuditLine' })
