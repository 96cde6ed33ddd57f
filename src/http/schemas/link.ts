import { z } from 'zod'
import { LINK_KINDS } from '../../access/link.ts'
import type { Link } from '../../runtime/ports/access.ts'
import { maybe, time } from './basic.ts'

/** A link that was just made: the only time that its address is told. */
export type NewLink = Link & { readonly url: string }

export const newLink: z.ZodType<NewLink> = z
  .object({
    id: z.string(),
    run: z.string(),
    signal: z.string(),
    kind: z.enum(LINK_KINDS),
    owner: z.string(),
    createdAt: time,
    expiresAt: time,
    usedAt: maybe(time),
    url: z.string().meta({ description: 'below the address of this server; told this once' }),
  })
  .meta({ id: 'NewLink' })
