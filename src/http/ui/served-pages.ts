import type { AccessPort } from '../../access/room/port.ts'
import type { ServeConfig } from '../../config/serve.ts'
import type { Identify } from '../server/authenticate.ts'
import type { HttpApp } from '../server/lifecycle.ts'
import { createDoor, withPages } from './door.ts'
import { createSessions, identifyBySession, sessionsOfKeys } from './sessions.ts'

type Served = {
  /** the keys that people sign in with; absent: nobody signs in */
  readonly access: Pick<AccessPort, 'sessions'> | undefined
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
  const sessions = createSessions(sessionsOfKeys(access))
  const door = createDoor({ entrance: { signIn: 'key', sessions }, ...limits })
  return withPages(makeApp(identifyBySession(sessions, identify)), door)
}
