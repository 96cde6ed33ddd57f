import type { Route } from '../routing/route.ts'
import { chatRoutes } from './chat.ts'
import { healthRoutes } from './health.ts'
import { recoverRoutes } from './recover.ts'
import { threadRoutes } from './threads.ts'
import { absentRoutes } from './unsupported.ts'

/** Upstream's HTTP API of its PostChain, over the threads and asks that there are. */
export const POSTCHAIN_ROUTES: readonly Route[] = [
  ...chatRoutes,
  ...recoverRoutes,
  ...threadRoutes,
  ...healthRoutes,
  ...absentRoutes,
]
