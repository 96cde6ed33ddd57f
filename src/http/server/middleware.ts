import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { Audit } from '../../access/room/port.ts'
import { is } from '../../errors.ts'
import { EVENT_STREAM } from '../../house/operation.ts'
import type { Observer } from '../../observe/observer.ts'
import type { Caller } from '../authorize/caller.ts'
import type { Route } from '../routing/route.ts'
import { requestIdOf, tellLater } from '../wire/response-headers.ts'
import { whenAnswered } from './address.ts'

/** Audit data of an authenticated request. */
type Asked = {
  readonly caller: Caller
  readonly route: Route
  readonly address: string | undefined
  /** absent: the path */
  readonly target?: string
}

/**
 * Records changes by remote callers in the audit, with their outcome, right after the response, which does not wait for
 * it. Changes by the user of the data folder are not recorded.
 */
export function auditing(audit: Pick<Audit, 'record'>): MiddlewareHandler {
  return async (context, next) => {
    await next()
    const asked = context.get('asked') as Asked | undefined
    if (!asked || asked.caller.local || asked.caller.owner === '' || !changes(asked.route)) return
    // the response is sent, so a failed audit cannot be reported
    audit.record(entryOf(context, asked)).catch(() => {})
  }
}

/** Marks the request for the audit, which records it after the response. */
export function noteAsked(context: Context, asked: Asked): void {
  context.set('asked', asked)
}

/** Whether the caller is the user of the data folder. */
export function isLocal(context: Context): boolean {
  return (context.get('asked') as Asked | undefined)?.caller.local === true
}

const changes = ({ method, asksOnly }: Route) => method !== 'get' && !asksOnly

function entryOf(
  { req, res }: Context,
  { caller, route, address, target = req.path }: Asked,
): Parameters<Audit['record']>[0] {
  const { owner, key } = caller
  return {
    owner,
    ...(key !== undefined && { key }),
    method: req.method,
    route: route.foreign ? route.path : `/v1${route.path}`,
    target: target.slice(0, MAX_LOGGED_PATH),
    status: res.status,
    ...(address !== undefined && { address }),
  }
}

/** Characters of a path in the log. */
const MAX_LOGGED_PATH = 1000

/** Reports each request, and the start and end of each event stream. Responses carry their trace. */
export function observing(observer: Observer): MiddlewareHandler {
  return async (context, next) => {
    const { method } = context.req
    const trace = context.req.header('traceparent')
    const deed = { id: requestIdOf(context), method, ...(trace !== undefined && { trace }) }
    await observer.span({ name: 'request-answer', ...deed }, async (note) => {
      const place = observer.trace()
      if (place !== undefined) tellLater(context, { traceparent: place })
      await next()
      note({ route: routeOf(context), status: context.res.status, ...(isStopped(context.error) && STOPPED) })
    })
    if (context.res.headers.get('content-type')?.startsWith(EVENT_STREAM)) countStream(observer, context)
  }
}

const isStopped = (error: unknown) => is(error) && error.code === 'stopped'
const STOPPED = { interrupted: true }

function countStream(observer: Observer, context: Context): void {
  observer.tell({ name: 'stream-open' })
  whenAnswered(context, () => observer.tell({ name: 'stream-close' }))
}

/** The pattern of the matching route, so that there are no more label values than routes. */
function routeOf(context: Context): string {
  return matchedRoutes(context).findLast(({ method }) => method !== 'ALL')?.path ?? 'none'
}
