import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import { is } from '../../errors.ts'
import type { Observer } from '../../observe/observer.ts'
import { requestIdOf, tellLater } from '../wire/response-headers.ts'
import { EVENT_STREAM } from '../wire/sse.ts'
import { whenAnswered } from './connection.ts'

/** Tells of each request, and of each event stream when it opens and when it has ended; an answer says to which trace it belongs. */
export function observing(observer: Observer): MiddlewareHandler {
  return async (context, next) => {
    const { method } = context.req
    const trace = context.req.header('traceparent')
    const deed = { id: requestIdOf(context), method, ...(trace !== undefined && { trace }) }
    await observer.during({ name: 'request-answer', ...deed }, async (note) => {
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

/** The pattern of the route that answered, so that there are no more of them than routes. */
function routeOf(context: Context): string {
  const route = matchedRoutes(context).findLast(({ method }) => method !== 'ALL')
  return route?.path ?? 'none'
}
