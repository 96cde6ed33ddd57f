import type { Route } from '../routing/route.ts'
import { actorRoutes } from './actors.ts'
import { askRoutes } from './asks.ts'
import { auditRoutes } from './audit.ts'
import { budgetRoutes } from './budgets.ts'
import { cacheRoutes } from './cache.ts'
import { abilityRoutes } from './catalogue.ts'
import { deadLetterRoutes } from './deadletters.ts'
import { keyRoutes } from './keys.ts'
import { linkRoutes } from './links.ts'
import { pipelineRoutes } from './pipelines.ts'
import { runRoutes } from './runs.ts'
import { systemRoutes } from './system.ts'
import { threadRoutes } from './threads.ts'
import { uploadRoutes } from './uploads.ts'

/** Every way into the app, in the order in which they are told. */
export const ROUTES: readonly Route[] = [
  ...pipelineRoutes,
  ...uploadRoutes,
  ...runRoutes,
  ...threadRoutes,
  ...askRoutes,
  ...budgetRoutes,
  ...cacheRoutes,
  ...abilityRoutes,
  ...actorRoutes,
  ...deadLetterRoutes,
  ...linkRoutes,
  ...keyRoutes,
  ...auditRoutes,
  ...systemRoutes(() => ROUTES),
]
