/**
 * The server: everything of a runtime over HTTP. `routes/` and `routing/` make the routes from the contract,
 * `authorize/` gives each caller a runtime of its own, `stream/` sends events, `wire/` writes documents and
 * problems, and `compat/` and `mcp/` speak foreign protocols. `client/` is the other end of the wire.
 */

import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import { getPath } from 'hono/utils/url'
import { type McpServing, mcpServing } from '../../config/mcp-serving.ts'
import { DEFAULT_SERVE, type ServeConfig } from '../../config/serve.ts'
import { type Clock, systemClock } from '../../engine/engine.ts'
import { is, NotFoundError, TerminalError } from '../../errors.ts'
import { EVENT_STREAM } from '../../house/operation.ts'
import { asCaller } from '../../house/request-caller.ts'
import { nextMoment, withinRequest } from '../../lib/time/request-order.ts'
import type { ServedRuntime } from '../../runtime/ports.ts'
import { byOf, type Caller, NOBODY } from '../authorize/caller.ts'
import { createScopedRuntimes } from '../authorize/scoped-runtime.ts'
import { shownError } from '../authorize/shown-ports.ts'
import { failForVisitor, isVisitor } from '../authorize/visitor-words.ts'
import { type Client, createClient } from '../client/client.ts'
import { POSTCHAIN_ROUTES } from '../compat/routes.ts'
import { mcpRoute } from '../mcp/route.ts'
import { ROUTES } from '../routes/route-table.ts'
import { answer, type Route } from '../routing/route.ts'
import { createFollow } from '../stream/follow.ts'
import { type MayRead, whileAllowed } from '../stream/response.ts'
import { BY, byHeader, saidBy } from '../wire/by-header.ts'
import { problemResponse, requestIdOf, tellHeaders, tellLater } from '../wire/response-headers.ts'
import { addressList, addressOf, whenAnswered } from './address.ts'
import { checkOrigin, identifyLocal } from './authenticate.ts'
import { refuseAtEnd } from './lifecycle.ts'
import { createGuard, type Guard } from './limits/guard.ts'
import { auditing, isLocal, noteAsked, observing } from './middleware.ts'

type AppOptions = {
  /** Authenticates a request; throws if it is rejected. Absent: every caller is the local user. */
  identify?(request: Request): Caller | Promise<Caller>
  readonly serve?: ServeConfig
  /** what is offered over the Model Context Protocol; absent: uploaded pipelines and questions */
  readonly mcp?: McpServing
  /** what is served; absent: everything */
  readonly routes?: readonly Route[]
  /** the path under which another server mounts the app; absent: none. Requests that are not under it are not for it */
  readonly path?: string
  /**
   * Callers have a session, which a browser sends by itself. An event stream goes on for them as long as this allows;
   * absent: as long as the caller reads.
   */
  stay?(): MayRead
  /** the clock for rate limits, in ms */
  now?(): number
  /** the clock for bodies of requests */
  readonly clock?: Clock
}

/**
 * The runtime over HTTP: under `/v1`, in the format of upstream's PostChain under `/api`, and over the Model Context
 * Protocol at `/mcp`. Every error is problem+json.
 */
export function createApp(runtime: ServedRuntime, options: AppOptions = {}): Hono {
  const { serve = DEFAULT_SERVE, now = () => performance.now(), clock = systemClock } = options
  const { mcp = mcpServing({ folder: runtime.data, data: runtime.data }), path: mountedAt = '' } = options
  const inner = createInnerRequests(options.identify ?? identifyLocal, `http://antiphon${mountedAt}`)
  const { identify } = inner
  const all = options.routes ?? [...ROUTES, ...POSTCHAIN_ROUTES, mcpRoute(mcp)]
  const guard = createGuard(serve, now)
  const trusted = addressList(serve.trustedProxies)
  const follow = createFollow()
  const scopedFor = createScopedRuntimes(runtime)
  const app = new Hono({ getPath: (request) => getPath(request).slice(mountedAt.length) })
  app.use(tellHeaders)
  // error responses also need CORS headers
  if (serve.origins.length > 0)
    app.use(cors({ origin: [...serve.origins], credentials: options.stay !== undefined, ...CORS }))
  app.use(refuseAtEnd)
  app.use(observing(runtime.observer))
  app.use(auditing(runtime.access.audit))
  for (const route of all)
    app.on(route.method, pathOf(route), async (context) => {
      if (route.checksOrigin) checkOrigin(context.req.raw, serve.origins)
      const begun = nextMoment()
      const address = addressOf(context, trusted)
      const caller = await letIn(route, context, { identify, guard, address })
      runtime.serving.checkName?.(caller.owner)
      noteAsked(context, { caller, route, address })
      const actsFor = (owner: string, target: string) =>
        noteAsked(context, { caller: { ...caller, owner }, route, address, target })
      const { raw: request } = context.req
      const client = () => inner.clientOf(request, (own) => app.fetch(own, innerEnv(context)))
      const behalf = { runtime: scopedFor(caller), caller, follow, actsFor, request, client, clock, mountedAt }
      const response = await withinRequest({ owner: caller.owner, begun }, () =>
        asCaller(byOf(caller, saidBy(context.req.header(BY))), () => answer(route, behalf, context, serve.maxBody)),
      ).catch((error: unknown) =>
        is(error) && route.scope !== null && isVisitor(caller) ? failForVisitor(error) : Promise.reject(error),
      )
      const mayRead = caller.key === undefined ? options.stay?.() : () => isLetIn(identify, request)
      return mayRead ? whileAllowed(response, mayRead) : response
    })
  answerOthers(app, all)
  app.notFound(({ req }) => problemResponse(new NotFoundError(`There is no ${req.method} ${req.path}.`)))
  app.onError((error, context) =>
    problemResponse(
      is(error) || isLocal(context) ? shownError(error, runtime.serving.shown) : faultOf(context),
      isLocal(context),
    ),
  )
  return app
}

type Identified = Required<Pick<AppOptions, 'identify'>> & {
  /** The operations on behalf of whoever sent a request. */
  clientOf(outer: Request, answer: (request: Request) => Response | Promise<Response>): Client
}

/** Requests that the server sends to itself are identified by the request that they serve. */
function createInnerRequests(identify: Identified['identify'], base: string): Identified {
  const outers = new WeakMap<Request, Request>()
  return {
    async identify(request) {
      const outer = outers.get(request)
      return outer ? { ...(await identify(outer)), offered: true } : identify(request)
    },
    clientOf: (outer, answer) =>
      createClient(
        async (request) => {
          outers.set(request, outer)
          return answer(request)
        },
        { base, headers: byHeader({ ...saidBy(outer.headers.get(BY)), through: 'mcp' }) },
      ),
  }
}

/** The connection, for its address. The answer is not the connection's, so that places are free once it is there. */
function innerEnv({ env }: Context): object {
  const { incoming, ending } = (env ?? {}) as { readonly incoming?: unknown; readonly ending?: boolean }
  return { incoming, ending }
}

/** Headers that clients of the Model Context Protocol send from a page. */
const MCP_HEADERS = ['mcp-protocol-version', 'mcp-method', 'mcp-name', 'mcp-session-id']

const CORS = {
  allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowHeaders: [
    'authorization',
    'content-type',
    BY,
    'idempotency-key',
    'last-event-id',
    'traceparent',
    'x-request-id',
    'range',
    'if-range',
    ...MCP_HEADERS,
  ],
  exposeHeaders: [
    ...['location', 'retry-after', 'ratelimit', 'ratelimit-policy', 'traceparent', 'x-request-id'],
    ...['content-disposition', 'content-range', 'etag'],
  ],
  maxAge: 600,
}

type Door = Required<Pick<AppOptions, 'identify'>> & { readonly guard: Guard; readonly address: string | undefined }

/** Authenticates a request and applies the limits. The local user has none. */
async function letIn(route: Route, context: Context, { identify, guard, address }: Door): Promise<Caller> {
  if (route.scope === null) {
    if (address !== undefined && !route.unlimited) guard.stranger(address)
    if (address !== undefined && route.rare) guard.rare(address)
    return NOBODY
  }
  const caller = await identified(identify, context.req.raw, () => {
    // another server that mounts this one knows the addresses
    if (address !== undefined) guard.stranger(address)
  })
  if (caller.local) return caller
  const { headers, leave } = guard.caller(caller.key ?? address ?? caller.owner, route.answer.type === EVENT_STREAM)
  whenAnswered(context, leave)
  tellLater(context, headers)
  return caller
}

/** Whether the caller of an open request is still allowed: its key may end. A failed check changes nothing. */
async function isLetIn(identify: Door['identify'], request: Request): Promise<boolean> {
  try {
    await identify(request)
    return true
  } catch (error) {
    return !(is(error) && error.code === 'unauthenticated')
  }
}

/** Hides internal errors: their texts may contain anything. */
function faultOf(context: Context): TerminalError {
  return new TerminalError(`The server failed at request ${requestIdOf(context)}.`, { code: 'internal' })
}

/** The limits count a rejected caller as unknown. */
async function identified(identify: Door['identify'], request: Request, refused: () => void): Promise<Caller> {
  try {
    return await identify(request)
  } catch (error) {
    refused()
    throw error
  }
}

export const pathOf = ({ path, foreign }: Pick<Route, 'path' | 'foreign'>) =>
  `${foreign ? '' : '/v1'}${path.replaceAll(/\{(\w+)\}/g, ':$1')}`

/** Answers methods that a path does not support: OPTIONS lists its methods, the others get a 405. */
function answerOthers(app: Hono, routes: readonly Route[]): void {
  for (const [path, those] of Map.groupBy(routes, pathOf)) {
    const methods = those.map(({ method }) => method.toUpperCase())
    const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
    app.all(path, (context) => answerOther(context, allow))
  }
}

function answerOther(context: Context, allow: string): Response {
  const { req } = context
  tellLater(context, { allow })
  if (req.method === 'OPTIONS') return new Response(null, { status: 204 })
  throw new TerminalError(`${req.path} does not support ${req.method}.`, {
    code: 'method_not_allowed',
    hint: `It supports ${allow}.`,
  })
}
