import type { Context, MiddlewareHandler } from 'hono'
import type { Audit } from '../../runtime/ports/access.ts'
import type { Caller } from '../authorize/caller.ts'
import type { Route } from '../routing/route.ts'

/** Who asked for what: what is to be known of a request once it was let in. */
type Asked = {
  readonly caller: Caller
  readonly route: Route
  readonly address: string | undefined
  /** absent: the path */
  readonly target?: string
}

/**
 * Writes down what others ask that changes something, with what came of it: right behind the answer, which does not wait for it. The user
 * of the data folder is not written down.
 */
export function auditing(audit: Pick<Audit, 'record'>): MiddlewareHandler {
  return async (context, next) => {
    await next()
    const asked = context.get('asked') as Asked | undefined
    if (!asked || asked.caller.local || asked.caller.owner === '' || !changes(asked.route)) return
    // the request has been answered, and what it did is done: nobody can be told that this failed
    audit.record(entryOf(context, asked)).catch(() => {})
  }
}

/** Has the request written down when it was answered. */
export function noteAsked(context: Context, asked: Asked): void {
  context.set('asked', asked)
}

/** Whether the user of the data folder asks. */
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
    target: target.slice(0, LONGEST),
    status: res.status,
    ...(address !== undefined && { address }),
  }
}

/** Characters of a path. */
const LONGEST = 1000
