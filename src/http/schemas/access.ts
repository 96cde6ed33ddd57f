import { z } from 'zod'
import { KEY_SCOPES } from '../../access/api-key.ts'
import { LINK_KINDS } from '../../access/link.ts'
import type { ApiKey, AuditLine, Link } from '../../runtime/ports/access.ts'
import { maybe, time } from './basic.ts'

const shown = {
  id: z.string(),
  name: z.string(),
  owner: z.string(),
  scopes: z.array(z.enum(KEY_SCOPES)),
  createdAt: time,
  expiresAt: maybe(time),
  revokedAt: maybe(time),
}

/** An API key as it is shown. */
export const apiKey: z.ZodType<ApiKey> = z.object(shown).meta({ id: 'ApiKey' })

/** A key that was just made: the only time that its token is told. */
export const newApiKey: z.ZodType<ApiKey & { readonly token: string }> = z
  .object({ ...shown, token: z.string().meta({ description: 'told this once' }) })
  .meta({ id: 'NewApiKey' })

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

/** A link that was just made: the only time that its address is told. */
export type NewLink = Link & { readonly url: string }

/** A link that was just made, with its address. */
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
