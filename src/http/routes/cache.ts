import { type Route, route } from '../routing/route.ts'
import { cacheDrop, cacheDropped, cacheReport } from '../schemas/cache.ts'

/** The replies that are kept: what lies where, and how to have them made anew. */
export const cacheRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/cache',
    scope: 'admin',
    summary: 'What is kept of replies, where, and how often it was given again',
    answer: { about: 'its places, the nearest first', schema: cacheReport },
    handle: ({ runtime }) => runtime.maintenance.cache.report(),
  }),
  route({
    method: 'post',
    path: '/cache/drop',
    scope: 'admin',
    summary: 'Drop the kept replies of a model, to an owner, with a tag, or all: one of these, `{ "all": true }`',
    body: cacheDrop,
    answer: { about: 'what was removed; on Redis it is void, and goes with its time', schema: cacheDropped },
    handle: ({ runtime, body }) => runtime.maintenance.cache.drop(body),
  }),
]
