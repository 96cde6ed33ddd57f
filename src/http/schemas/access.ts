import { z } from 'zod'
import { SCOPES } from '../../access/api-key.ts'
import type { ApiKey } from '../../runtime/ports/access.ts'
import { maybe, time } from './basic.ts'

const shown = {
  id: z.string(),
  name: z.string(),
  owner: z.string(),
  scopes: z.array(z.enum(SCOPES)),
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
