import { getPath } from 'hono/utils/url'
import type { McpServing } from '../../config/mcp-serving.ts'
import { DEFAULT_SERVE, type ServeConfig } from '../../config/serve.ts'
import { type Clock, systemClock } from '../../engine/engine.ts'
import { is } from '../../errors.ts'
import type { ServedRuntime } from '../../runtime/ports.ts'
import type { Caller } from '../authorize/caller.ts'
import { ROUTES } from '../routes/route-table.ts'
import type { MayRead } from '../stream/response.ts'
import { problemResponse, toldBeside } from '../wire/response-headers.ts'
import { createApp } from './app.ts'
import { identifyByKey } from './authenticate.ts'
import { callerOf, FORWARD_PATH, fromForward } from './forwarded.ts'
import type { Ending, HttpApp } from './lifecycle.ts'

/**
 * The API as other servers mount it, in the process that owns the data folder. All handlers of a path and all standbys
 * share one app, so limits, event streams and repeated requests count together wherever a request came in.
 */
export interface MountedApps {
  /** Answers a request below `path`. Absent `identify`: its caller needs an API key, and may use the whole API. */
  fetch(request: Request, mount: HandlerMount, env?: Ending): Promise<Response>
}

/** The path of a handler, and how it finds the caller of a request. */
type HandlerMount = { readonly path: string; identify?(): Caller | Promise<Caller> }

type MountSettings = { readonly mcp: McpServing; readonly serve?: ServeConfig; readonly clock?: Clock }

/** The parts of the API for an owner that another server has authenticated. */
const OWNER_PORTS: ReadonlySet<string> = new Set([
  ...['agents', 'goals', 'conversations', 'runs', 'inbox', 'threads', 'files', 'feed', 'caller'],
])

/** Operations for an owner whose ports have others, too. */
const OWNER_OPERATIONS: ReadonlySet<string> = new Set(['inspector.why', 'inspector.work', 'access.audit.list'])

/** Operations that need no owner: a signature or a token opens them. */
const OPEN_OPERATIONS: ReadonlySet<string> = new Set(['hooks.deliver', 'hooks.signal'])

const OWNER_ROUTES = ROUTES.filter(
  ({ name, scope, local }) =>
    OPEN_OPERATIONS.has(name) ||
    ((OWNER_PORTS.has(name.split('.')[0]!) || OWNER_OPERATIONS.has(name)) &&
      scope !== null &&
      scope !== 'admin' &&
      !local),
)

/** ms after which an event stream ends, so that its reader authenticates again */
const STREAM_TIME = 3_600_000

/** The most apps of one runtime: a handler has one for its path. */
const MAX_APPS = 100

/** Makes the apps of a runtime for other servers, each when it is first used. */
export function createMountedApps(
  runtime: ServedRuntime,
  { mcp, serve = DEFAULT_SERVE, clock = systemClock }: MountSettings,
): MountedApps {
  const apps = new Map<string, HttpApp>()
  const identities = new WeakMap<Request, Required<HandlerMount>['identify']>()
  const byKey = identifyByKey(runtime.access)

  function appFor({ path, identify }: HandlerMount): HttpApp {
    const name = `${identify ? 'visitors' : 'keys'} ${path}`
    const found = apps.get(name)
    if (found) return found
    const access = identify
      ? {
          identify: (request: Request) => identities.get(request)!(),
          routes: OWNER_ROUTES,
          stay: () => forAnHour(clock),
        }
      : { identify: byKey, mcp }
    const app = createApp(runtime, { serve, path, clock, ...access })
    if (apps.size >= MAX_APPS) apps.delete(apps.keys().next().value!)
    apps.set(name, app)
    return app
  }

  return {
    async fetch(request, mount, env) {
      if (mount.identify) identities.set(request, mount.identify)
      return appFor(mount).fetch(request, env)
    },
  }
}

function forAnHour(clock: Clock): MayRead {
  const end = clock.elapsed() + STREAM_TIME
  return async () => clock.elapsed() < end
}

/**
 * The app of the socket with the entrance for forwarded requests. Each process at the socket runs as the user of the
 * folder, so the entrance can only remove rights.
 */
export function withForwarded(app: HttpApp, mounted: MountedApps): HttpApp {
  return {
    fetch: (request, env) =>
      getPath(request).startsWith(`${FORWARD_PATH}/`)
        ? answerForwarded(mounted, request, env)
        : app.fetch(request, env),
  }
}

async function answerForwarded(mounted: MountedApps, outer: Request, env: Ending | undefined): Promise<Response> {
  try {
    const { request, path, identity } = await fromForward(outer)
    const isVisitor = identity.caller !== undefined || identity.problem !== undefined
    return await mounted.fetch(request, { path, ...(isVisitor && { identify: () => callerOf(identity)! }) }, env)
  } catch (error) {
    if (!is(error)) throw error
    return toldBeside(problemResponse(error))
  }
}
