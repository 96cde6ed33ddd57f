import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { Observer } from '../observe/observer.ts'

/** Tells of each request, and of each event stream how long it stays; an answer says to which trace it belongs. */
export function observing(observer: Observer): MiddlewareHandler {
  return async (context, next) => {
    const { method } = context.req
    const trace = context.req.header('traceparent')
    await observer.during({ name: 'request-answer', method, ...(trace !== undefined && { trace }) }, async (note) => {
      const belongs = observer.trace()
      await next()
      if (belongs !== undefined) context.header('traceparent', belongs)
      note({ route: routeOf(context), status: context.res.status })
    })
  }
}

/** The pattern of the route that answered, so that there are no more of them than routes. */
function routeOf(context: Context): string {
  const route = matchedRoutes(context).findLast(({ method }) => method !== 'ALL')
  return route?.path ?? 'none'
}
