import { CACHE } from '../../contract/cache.ts'
import { type Route, routes } from '../routing/route.ts'

/** The reply cache: contents per tier, and dropping replies. */
export const cacheRoutes: readonly Route[] = routes(CACHE, {
  'maintenance.cache.report': ({ runtime }) => runtime.maintenance.cache.report(),
  'maintenance.cache.drop': ({ runtime, body }) => runtime.maintenance.cache.drop(body),
})
