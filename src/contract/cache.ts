import { cacheDrop, cacheDropped, cacheReport } from './documents/cache.ts'
import { describe } from './operation.ts'

/** The reply cache: contents per tier, and dropping replies. */
export const CACHE = describe({
  'maintenance.cache.report': {
    scope: 'admin',
    summary: 'Show the reply cache: tiers, sizes and hits',
    answer: { about: 'the tiers, fastest first', schema: cacheReport },
  },
  'maintenance.cache.drop': {
    scope: 'admin',
    summary: 'Drop cached replies by model, owner or tag, or all with `{ "all": true }`',
    body: cacheDrop,
    answer: {
      about: 'the number of dropped replies; Redis invalidates them at once and deletes them when they expire',
      schema: cacheDropped,
    },
  },
})
