import { z } from 'zod'
import { maybe, type Plain, time } from '../../document.ts'

/** The report of an erasure. It contains no text and no name. */
export const ownerErasure = z
  .object({
    id: maybe(z.string()).meta({ description: 'absent: nothing was begun' }),
    status: z.enum(['done', 'pending', 'dry-run']),
    at: maybe(time),
    endedAt: maybe(time),
    removed: z.record(z.string(), z.number()).meta({ description: 'how many, by place' }),
    waits: maybe(z.string()).meta({ description: 'why it is not done yet' }),
    remains: z.array(z.string()).meta({ description: 'what an erasure does not reach' }),
  })
  .meta({ id: 'OwnerErasure' })

/** The report of the erasure of an owner. Times in ms since the epoch. */
export type OwnerErasure = Plain<typeof ownerErasure>
