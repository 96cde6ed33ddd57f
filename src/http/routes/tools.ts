import { TOOLS } from '../../contract/catalogue.ts'
import { type Route, routes } from '../routing/route.ts'
import { runId } from './runs.ts'

/** Calls of tools as runs. */
export const toolRoutes: readonly Route[] = routes(TOOLS, {
  'tools.call': ({ runtime, body: { calls, ...options }, made }) =>
    runtime.tools.call(calls, { ...(made && { id: runId(made) }), ...options }),
})
