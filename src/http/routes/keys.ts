import { z } from 'zod'
import { KEY_SCOPES, keyTtl, ownerName } from '../../access/api-key.ts'
import { type Route, route } from '../routing/route.ts'
import { apiKey, auditLine, newApiKey } from '../schemas/access.ts'
import { id, listOf, maybe, page, pageOf } from '../schemas/basic.ts'

const keyRequest = z.strictObject({
  name: z.string().min(1).max(200),
  owner: ownerName,
  scopes: z.array(z.enum(KEY_SCOPES)).min(1).max(KEY_SCOPES.length),
  ttl: maybe(keyTtl.meta({ description: 'ms that it is good for; absent: until it is revoked' })),
})
const keysQuery = z.object({
  owner: maybe(ownerName),
  ...page,
})

/** API keys: make one, list them, revoke one. */
export const keyRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/keys',
    scope: 'admin',
    summary: 'Make an API key',
    body: keyRequest,
    idempotent: true,
    answer: { about: 'the key, with its token this once', status: 201, schema: newApiKey },
    errors: ['id_taken'],
    handle: ({ runtime, body, made }) =>
      runtime.access.keys.create({ ...body, ...(made && { id: made.slice(0, 16) }) }),
  }),
  route({
    method: 'get',
    path: '/keys',
    scope: 'admin',
    summary: 'API keys by their ids, those that were revoked too',
    query: keysQuery,
    answer: { about: 'a page of them', schema: listOf(apiKey) },
    errors: ['bad_cursor'],
    handle: async ({ runtime, query }) => pageOf(await runtime.access.keys.list(query), query.limit, ({ id }) => id),
  }),
  route({
    method: 'post',
    path: '/keys/{key}/revoke',
    scope: 'admin',
    summary: 'Let nobody in by a key any more',
    params: z.object({ key: id }),
    answer: { about: 'the key as it is now', schema: apiKey },
    errors: ['not_found'],
    handle: ({ runtime, params }) => runtime.access.keys.revoke(params.key),
  }),
]

const auditQuery = z.object({
  owner: maybe(ownerName),
  day: maybe(z.iso.date()).meta({ description: 'of that day, in UTC' }),
  ...page,
})

/** Who changed what over the network. */
export const auditRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/audit',
    scope: 'admin',
    summary: 'Who changed what over the network: the newest day first, of a day owner by owner, the newest first',
    query: auditQuery,
    answer: { about: 'a page of it', schema: listOf(auditLine) },
    errors: ['bad_cursor'],
    handle: async ({ runtime, query }) =>
      pageOf(await runtime.access.audit.list(query), query.limit, ({ cursor }) => cursor),
  }),
]
