import { type Route, route } from '../routing/route.ts'
import { cacheDrop, cacheDropped, cacheReport } from '../schemas/cache.ts'

/** The reply cache: contents per tier, and dropping replies. */
export const cacheRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/cache',
    scope: 'admin',
    summary: 'Show the reply cache: tiers, sizes and hits',
    answer: { about: 'the tiers, fastest first', schema: cacheReport },
    handle: ({ runtime }) => runtime.maintenance.cache.report(),
  }),
  route({
    method: 'post',
    path: '/cache/drop',
    scope: 'admin',
    summary: 'Drop cached replies by model, owner or tag, or all with `{ "all": true }`',
    body: cacheDrop,
    answer: {
      about: 'the number of dropped replies; Redis invalidates them at once and deletes them when they expire',
      schema: cacheDropped,
    },
    handle: ({ runtime, body }) => runtime.maintenance.cache.drop(body),
  }),
]
