import { z } from 'zod'
import { maybe, type Plain, time } from '../../document.ts'
import { actFields } from '../../house/act.ts'
import { keyFields } from '../api-key.ts'
import { linkFields } from '../link.ts'

const shown = { id: z.string(), ...keyFields }

export const apiKey = z.object(shown).meta({ id: 'ApiKey' })

/** An API key without its token. Times in ms since the epoch. */
export type ApiKey = Plain<typeof apiKey>

export const newApiKey = z
  .object({ ...shown, token: z.string().meta({ description: 'shown only in this answer' }) })
  .meta({ id: 'NewApiKey' })

export const loginChallenge = z
  .object({
    challenge: z.string(),
    words: z.string().meta({ description: 'the wallet signs them as a personal message' }),
    expiresAt: time,
  })
  .meta({ id: 'LoginChallenge' })

/** The words of a login, to be signed by a wallet. */
export type LoginChallenge = Plain<typeof loginChallenge>

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

export const actLine = z
  .object({ ...actFields, cursor: z.string().meta({ description: 'pass it as `after` to continue after this line' }) })
  .meta({ id: 'ActLine' })

/** Something that a person or a program did, with its position for the next page. */
export type ActLine = Plain<typeof actLine>

/** A request with its position in the audit, for the next page. */
export type AuditLine = Plain<typeof auditLine>

export const newLink = z
  .object({
    id: z.string(),
    ...linkFields,
    url: z.string().meta({ description: 'relative to the address of this server; shown only in this answer' }),
  })
  .meta({ id: 'NewLink' })

/** A link that was just created. Only this answer contains its address. */
export type NewLink = Plain<typeof newLink>

/** One signal to one run, to be sent once by whoever has the link. */
export type Link = Omit<NewLink, 'url'>
