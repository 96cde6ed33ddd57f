import type { ServeConfig } from '../../config/serve.ts'
import { systemClock } from '../../engine/engine.ts'
import type { Identify, identifyByKey } from '../server/authenticate.ts'
import type { HttpApp } from '../server/lifecycle.ts'
import { createDoor, withPages } from './door.ts'
import { createSessions, identifyBySession } from './sessions.ts'

type Served = {
  /** the keys that people sign in with; absent: nobody signs in */
  readonly access: Parameters<typeof identifyByKey>[0] | undefined
  readonly serve: ServeConfig | undefined
}

/** The app of a server with the dashboard: a person signs in with an API key and gets a cookie for it. */
export function servedPages(
  makeApp: (identify: Identify) => HttpApp,
  identify: Identify,
  { access, serve }: Served,
): HttpApp {
  const limits = serve ? { serve } : {}
  if (!access) return withPages(makeApp(identify), createDoor({ entrance: { signIn: 'none' }, ...limits }))
  const sessions = createSessions(systemClock)
  const door = createDoor({ entrance: { signIn: 'key', sessions, access }, ...limits })
  return withPages(makeApp(identifyBySession(sessions, identify)), door)
}
