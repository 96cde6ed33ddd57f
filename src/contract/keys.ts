import { z } from 'zod'
import { KEY_SCOPES, keyTtl, ownerName } from '../access/api-key.ts'
import { apiKey, auditLine, newApiKey } from './documents/access.ts'
import { id, listOf, maybe, page } from './documents/basic.ts'
import { describe } from './operation.ts'

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
export const KEYS = describe({
  'access.keys.create': {
    scope: 'admin',
    summary: 'Create an API key',
    body: keyRequest,
    idempotent: true,
    answer: { about: 'the key; only this answer contains the token', status: 201, schema: newApiKey },
    errors: ['id_taken'],
  },
  'access.keys.list': {
    scope: 'admin',
    summary: 'List API keys by id, including revoked ones',
    query: keysQuery,
    answer: { about: 'a page of keys', schema: listOf(apiKey) },
    errors: ['bad_cursor'],
  },
  'access.keys.revoke': {
    scope: 'admin',
    summary: 'Revoke an API key',
    params: z.object({ key: id }),
    answer: { about: 'the revoked key', schema: apiKey },
    errors: ['not_found'],
  },
})

const auditQuery = z.object({
  owner: maybe(ownerName),
  day: maybe(z.iso.date()).meta({ description: 'a day in UTC' }),
  ...page,
})

export const AUDIT = describe({
  'access.audit.list': {
    scope: 'admin',
    summary: 'List changes made over the network: newest day first, grouped by owner within a day',
    query: auditQuery,
    answer: { about: 'a page of the audit', schema: listOf(auditLine) },
    errors: ['bad_cursor'],
  },
})
