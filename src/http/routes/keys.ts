import { Hono } from 'hono'
import { z } from 'zod'
import { ownerName } from '../../access/key.ts'
import { SCOPES } from '../../access/scopes.ts'
import type { Runtime } from '../../runtime.ts'
import { readBody, readQuery } from '../body.ts'

const keyRequest = z.strictObject({
  name: z.string().min(1).max(200),
  owner: ownerName,
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
  ttl: z.int().positive().exactOptional(),
})
const keysQuery = z.object({
  owner: ownerName.exactOptional(),
  after: z.string().max(100).exactOptional(),
  limit: z.coerce.number().int().min(1).max(1000).exactOptional(),
})

/** API keys: make one, list them, revoke one. */
export function keyRoutes({ keys }: Runtime): Hono {
  return new Hono()
    .post('/', async (context) => context.json(await keys.create(await readBody(context, keyRequest)), 201))
    .get('/', async (context) => context.json({ keys: await keys.list(await readQuery(context, keysQuery)) }))
    .post('/:id/revoke', async (context) => context.json(await keys.revoke(context.req.param('id'))))
}
