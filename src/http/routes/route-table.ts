import type { Route } from '../routing/route.ts'
import { auditRoutes, keyRoutes, linkRoutes } from './access.ts'
import { actorRoutes, deadLetterRoutes } from './actors.ts'
import { abilityRoutes, toolRoutes } from './catalogue.ts'
import { goalRoutes } from './goals.ts'
import { pipelineRoutes, uploadRoutes } from './pipelines.ts'
import { roomRoutes } from './rooms.ts'
import { runRoutes } from './runs.ts'
import { cacheRoutes, systemRoutes } from './system.ts'
import { askRoutes, threadRoutes } from './threads.ts'

/** All routes, in the order of the documentation. */
export const ROUTES: readonly Route[] = [
  ...pipelineRoutes,
  ...uploadRoutes,
  ...runRoutes,
  ...toolRoutes,
  ...goalRoutes,
  ...roomRoutes,
  ...threadRoutes,
  ...askRoutes,
  ...cacheRoutes,
  ...abilityRoutes,
  ...actorRoutes,
  ...deadLetterRoutes,
  ...linkRoutes,
  ...keyRoutes,
  ...auditRoutes,
  ...systemRoutes,
]
