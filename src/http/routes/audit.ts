import { z } from 'zod'
import { ownerName } from '../../access/api-key.ts'
import { type Route, route } from '../routing/route.ts'
import { auditLine } from '../schemas/audit.ts'
import { listOf, maybe, page, pageOf } from '../schemas/basic.ts'

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
    handle: async ({ runtime, query }) => pageOf(await runtime.audit.list(query), query.limit, ({ cursor }) => cursor),
  }),
]
