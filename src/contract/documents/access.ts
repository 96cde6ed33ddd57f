import { z } from 'zod'
import { KEY_SCOPES } from '../../access/api-key.ts'
import { LINK_KINDS, type LinkState } from '../../access/link.ts'
import { maybe, type Plain, schemaOf, time } from './basic.ts'

const shown = {
  id: z.string(),
  name: z.string(),
  owner: z.string(),
  scopes: z.array(z.enum(KEY_SCOPES)),
  createdAt: time,
  expiresAt: maybe(time),
  revokedAt: maybe(time),
}

export const apiKey = z.object(shown).meta({ id: 'ApiKey' })

/** An API key without its token. Times in ms since the epoch. */
export type ApiKey = Plain<typeof apiKey>

export const newApiKey = schemaOf<ApiKey & { readonly token: string }>()(
  z
    .object({ ...shown, token: z.string().meta({ description: 'shown only in this answer' }) })
    .meta({ id: 'NewApiKey' }),
)

export const auditLine = z
  .object({
    at: time,
    key: maybe(z.string()).meta({ description: 'id of the key; absent for a request without a key' }),
    owner: z.string(),
    method: z.string(),
    route: z.string().meta({ description: 'the route template' }),
    target: z.string().meta({ description: 'the requested path' }),
    status: z.number(),
    address: maybe(z.string()).meta({ description: 'address of the client' }),
    cursor: z.string().meta({ description: 'pass it as `after` to continue after this line' }),
  })
  .meta({ id: 'AuditLine' })

/** An entry with its position in the audit, for the next page. */
export type AuditLine = Plain<typeof auditLine>

/** A link that was just created. Only this answer contains its address. */
export type NewLink = Link & { readonly url: string }

export const newLink = schemaOf<NewLink>()(
  z
    .object({
      id: z.string(),
      run: z.string(),
      signal: z.string(),
      kind: z.enum(LINK_KINDS),
      owner: z.string(),
      createdAt: time,
      expiresAt: time,
      usedAt: maybe(time),
      url: z.string().meta({ description: 'relative to the address of this server; shown only in this answer' }),
    })
    .meta({ id: 'NewLink' }),
)

/** One signal to one run, to be sent once by whoever has the link. */
export type Link = Omit<LinkState, 'hash' | 'user'> & { readonly id: string }
