import type { ErrorCodes } from '../errors.ts'

export const accessCodes = {
  unauthenticated: { status: 401, exit: 1, means: 'the API key is missing, wrong, expired or revoked' },
  scope_missing: { status: 403, exit: 1, means: 'the API key, or the visitor of a handler, lacks the required scope' },
  not_for_visitors: {
    status: 403,
    exit: 1,
    means: 'visitors of the handler of a program may not do this; `hint` shows the line that allows it',
  },
  login_off: {
    status: 501,
    exit: 2,
    means: 'antiphon.yaml allows no login with a wallet, or no extension knows wallets',
  },
  login_refused: {
    status: 401,
    exit: 1,
    means: 'the challenge is unknown, used or over, or its words were not signed by the wallet',
  },
  link_used: { status: 410, exit: 1, means: 'the link was already used' },
  link_over: { status: 410, exit: 1, means: 'the link has no use: its question or its run has ended' },
  key_reused: { status: 422, exit: 2, means: 'this Idempotency-Key was used for another request' },
} as const satisfies ErrorCodes

export const accessOperations = {
  'access.links.create': { method: 'post', path: '/runs/{run}/links', takes: ['...'] },
  // a page for people, which a browser opens
  'access.links.page': { method: 'get', path: '/links/{link}' },
  'access.links.use': { method: 'post', path: '/links/{link}', takes: ['link', 'body', '...'], by: true },
  'access.logins.challenge': { method: 'post', path: '/login/challenge', takes: ['...'] },
  'access.logins.open': { method: 'post', path: '/login', takes: ['...'] },
  'access.keys.create': { method: 'post', path: '/keys', takes: ['...'] },
  'access.keys.list': { method: 'get', path: '/keys', takes: ['...'], gives: 'items' },
  'access.keys.revoke': { method: 'post', path: '/keys/{key}/revoke', takes: ['key'] },
  'access.audit.list': { method: 'get', path: '/audit', takes: ['...'], gives: 'items' },
} as const
