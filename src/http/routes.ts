import type { Route } from './route.ts'
import { abilityRoutes } from './routes/abilities.ts'
import { actorRoutes } from './routes/actors.ts'
import { askRoutes } from './routes/asks.ts'
import { auditRoutes } from './routes/audit.ts'
import { budgetRoutes } from './routes/budgets.ts'
import { cacheRoutes } from './routes/cache.ts'
import { deadLetterRoutes } from './routes/deadletters.ts'
import { keyRoutes } from './routes/keys.ts'
import { linkRoutes } from './routes/links.ts'
import { pipelineRoutes } from './routes/pipelines.ts'
import { runRoutes } from './routes/runs.ts'
import { systemRoutes } from './routes/system.ts'
import { threadRoutes } from './routes/threads.ts'
import { uploadRoutes } from './routes/uploads.ts'

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
  ...systemRoutes,
]
