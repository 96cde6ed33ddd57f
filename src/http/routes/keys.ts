import { AUDIT, KEYS } from '../../contract/access.ts'
import { pageOf } from '../../contract/documents/basic.ts'
import { type Route, routes } from '../routing/route.ts'

/** API keys: create, list, revoke. */
export const keyRoutes: readonly Route[] = routes(KEYS, {
  'access.keys.create': ({ runtime, body, made }) =>
    runtime.access.keys.create({ ...body, ...(made && { id: made.slice(0, 16) }) }),
  'access.keys.list': async ({ runtime, query }) =>
    pageOf(await runtime.access.keys.list(query), query.limit, ({ id }) => id),
  'access.keys.revoke': ({ runtime, params }) => runtime.access.keys.revoke(params.key),
})

export const auditRoutes: readonly Route[] = routes(AUDIT, {
  'access.audit.list': async ({ runtime, query }) =>
    pageOf(await runtime.access.audit.list(query), query.limit, ({ cursor }) => cursor),
})
