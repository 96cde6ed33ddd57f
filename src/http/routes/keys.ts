import { z } from 'zod'
import { KEY_SCOPES, keyTtl, ownerName } from '../../access/api-key.ts'
import { type Route, route } from '../routing/route.ts'
import { apiKey, auditLine, newApiKey } from '../schemas/access.ts'
import { id, listOf, maybe, page, pageOf } from '../schemas/basic.ts'

const keyRequest = z.strictObject({
  name: z.string().min(1).max(200),
  owner: ownerName,
  scopes: z.array(z.enum(KEY_SCOPES)).min(1).max(KEY_SCOPES.length),
  ttl: maybe(keyTtl.meta({ description: 'lifetime in ms; absent: valid until revoked' })),
})
const keysQuery = z.object({
  owner: maybe(ownerName),
  ...page,
})

/** API keys: create, list, revoke. */
export const keyRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/keys',
    scope: 'admin',
    summary: 'Create an API key',
    body: keyRequest,
    idempotent: true,
    answer: { about: 'the key; only this answer contains the token', status: 201, schema: newApiKey },
    errors: ['id_taken'],
    handle: ({ runtime, body, made }) =>
      runtime.access.keys.create({ ...body, ...(made && { id: made.slice(0, 16) }) }),
  }),
  route({
    method: 'get',
    path: '/keys',
    scope: 'admin',
    summary: 'List API keys by id, including revoked ones',
    query: keysQuery,
    answer: { about: 'a page of keys', schema: listOf(apiKey) },
    errors: ['bad_cursor'],
    handle: async ({ runtime, query }) => pageOf(await runtime.access.keys.list(query), query.limit, ({ id }) => id),
  }),
  route({
    method: 'post',
    path: '/keys/{key}/revoke',
    scope: 'admin',
    summary: 'Revoke an API key',
    params: z.object({ key: id }),
    answer: { about: 'the revoked key', schema: apiKey },
    errors: ['not_found'],
    handle: ({ runtime, params }) => runtime.access.keys.revoke(params.key),
  }),
]

const auditQuery = z.object({
  owner: maybe(ownerName),
  day: maybe(z.iso.date()).meta({ description: 'a day in UTC' }),
  ...page,
})

export const auditRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/audit',
    scope: 'admin',
    summary: 'List changes made over the network: newest day first, grouped by owner within a day',
    query: auditQuery,
    answer: { about: 'a page of the audit', schema: listOf(auditLine) },
    errors: ['bad_cursor'],
    handle: async ({ runtime, query }) =>
      pageOf(await runtime.access.audit.list(query), query.limit, ({ cursor }) => cursor),
  }),
]
