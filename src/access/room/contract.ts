import { z } from 'zod'
import { json, maybe } from '../../document.ts'
import { page } from '../../house/common-fields.ts'
import { describe, pages } from '../../house/describe.ts'
import { auditOwner, KEY_SCOPES, keyOwner } from '../../house/scope.ts'
import { signalNameSchema } from '../../step/messages/signal.ts'
import { keyTtl } from '../api-key.ts'
import { accessOperations } from '../facts.ts'
import { LINK_KINDS } from '../link.ts'
import { actLine, apiKey, auditLine, loginChallenge, newApiKey, newLink } from './documents.ts'

const DAY = 24 * 3_600_000

const linkRequest = z.strictObject({
  signal: signalNameSchema.meta({ description: 'signal to send; the inbox lists the signal of each waiting step' }),
  kind: z.enum(LINK_KINDS).meta({ description: 'approval shows a form; webhook accepts any JSON' }),
  ttl: z
    .int()
    .min(1000)
    .max(90 * DAY)
    .default(7 * DAY)
    .meta({ description: 'lifetime in ms' }),
})

const linkParams = z.object({
  link: z.string().min(1).max(200).meta({ description: 'secret last part of the address' }),
})

/** Links: a person without a key answers a waiting run. */
export const LINKS = describe(accessOperations, {
  'access.links.create': {
    scope: 'approve',
    passes: 'owner',
    summary: 'Create a link that sends one signal once, without a key',
    body: linkRequest,
    idempotent: 'short',
    answer: { about: 'the link; only this answer contains the address', status: 201, schema: newLink },
    errors: ['not_found', 'run_over', 'id_taken'],
  },
  'access.links.page': {
    scope: null,
    summary: 'Show the page of a link: the question and a form to answer it',
    params: linkParams,
    answer: { about: 'the page', type: 'text/html' },
  },
  'access.links.use': {
    scope: null,
    summary: 'Use a link to send its signal; if the run rejects the value, the link stays usable',
    params: linkParams,
    body: json,
    answer: { about: 'the run has received the signal', schema: z.object({ status: z.string() }) },
    errors: ['not_found', 'link_used', 'link_over', 'not_waiting', 'bad_value'],
  },
})

const address = z.string().min(1).max(200).meta({ description: 'address of the wallet' })

/** Logins: a person with a wallet gets a key. */
export const LOGINS = describe(accessOperations, {
  'access.logins.challenge': {
    scope: null,
    rare: true,
    summary: 'Begin a login with a wallet; the words are valid for five minutes and for one attempt',
    body: z.strictObject({ address }),
    answer: { about: 'the words to sign', schema: loginChallenge },
    errors: ['login_off', 'invalid_input'],
  },
  'access.logins.open': {
    scope: null,
    summary: 'Log in with the signed words of a challenge; this ends the key of the login before',
    body: z.strictObject({
      address,
      challenge: z.string().regex(/^[0-9a-f]{64}$/),
      signature: z.string().min(1).max(400).meta({ description: 'in base64: scheme, signature and public key' }),
    }),
    answer: { about: 'a key with the scopes talk and ask, valid for a day', schema: newApiKey },
    errors: ['login_off', 'login_refused', 'invalid_input'],
  },
})

const keyRequest = z.strictObject({
  name: z.string().min(1).max(200),
  owner: keyOwner.meta({
    description: '`*`: a key of staff with the scopes read, approve and audit, for every owner',
  }),
  scopes: z.array(z.enum(KEY_SCOPES)).min(1).max(KEY_SCOPES.length).meta({
    description: '`run` includes `talk`; answers for people need `approve`',
  }),
  ttl: maybe(keyTtl.meta({ description: 'lifetime in ms; absent: valid until revoked' })),
})

const keysQuery = z.object({
  owner: maybe(keyOwner),
  ...page,
})

/** API keys: create, list, revoke. */
export const KEYS = describe(accessOperations, {
  'access.keys.create': {
    scope: 'admin',
    summary: 'Create an API key',
    body: keyRequest,
    idempotent: 'short',
    answer: { about: 'the key; only this answer contains the token', status: 201, schema: newApiKey },
    errors: ['id_taken', 'owner_reserved', 'invalid_input'],
  },
  'access.keys.list': {
    scope: 'admin',
    summary: 'List API keys by id, including revoked ones',
    query: keysQuery,
    answer: pages('a page of keys', apiKey, ({ id }) => id),
    errors: ['bad_cursor'],
  },
  'access.keys.revoke': {
    scope: 'admin',
    summary: 'Revoke an API key',
    answer: { about: 'the revoked key', schema: apiKey },
    errors: ['not_found'],
  },
})

const auditQuery = z.object({
  owner: maybe(auditOwner),
  day: maybe(z.iso.date()).meta({ description: 'a day in UTC' }),
  since: maybe(z.coerce.number()).meta({ description: 'only entries from then on, ms since the epoch' }),
  of: maybe(z.enum(['requests', 'acts'])).meta({
    description:
      '`acts`: what people and programs did, through whatever door; absent: `requests` over the network that change something',
  }),
  tool: maybe(z.string().max(200)).meta({ description: 'with `of=acts`: only about calls of this tool' }),
  by: maybe(z.string().max(200)).meta({ description: 'with `of=acts`: only what somebody of this name did' }),
  ...page,
})

const AUDIT = describe(accessOperations, {
  'access.audit.list': {
    scope: ['audit', 'approve'],
    summary: 'List changes made over the network, or acts: newest day first, grouped by owner within a day',
    description:
      'With `audit`, staff get the acts on the work of their owners. With `approve`, a caller gets what it did itself. Requests are for an admin.',
    query: auditQuery,
    answer: pages('a page of the audit', z.union([auditLine, actLine]), ({ cursor }) => cursor),
    errors: ['bad_cursor'],
  },
})

export const ACCESS_CONTRACT = { ...LINKS, ...LOGINS, ...KEYS, ...AUDIT }
