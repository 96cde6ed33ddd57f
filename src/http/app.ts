import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { NotFoundError, TerminalError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { MAX_BODY } from './body.ts'
import { type Caller, LOCAL } from './caller.ts'
import { observing } from './observing.ts'
import { problemResponse } from './problem.ts'
import { answer, type Route } from './route.ts'
import { ROUTES } from './routes.ts'
import { createFollow } from './stream/following.ts'

/** How an app tells who asks; it throws when it cannot. */
export type AppOptions = { identify?(request: Request): Caller | Promise<Caller> }

/** The runtime as HTTP under `/v1`; every error is problem+json. Absent `identify`, whoever reaches it is the folder's user. */
export function createApp(runtime: Runtime, { identify = () => LOCAL }: AppOptions = {}): Hono {
  const app = new Hono()
  const follow = createFollow()
  app.use(observing(runtime.observer))
  app.use(bodyLimit({ maxSize: MAX_BODY, onError: () => problemResponse(tooLarge()) }))
  for (const route of ROUTES)
    app.on(route.method, `/v1${pathOf(route)}`, async (context) => {
      const caller = route.scope === null ? NOBODY : await identify(context.req.raw)
      return answer(route, { runtime, caller, follow }, context)
    })
  app.get('/v1/openapi.json', async () => Response.json((await import('./openapi.ts')).openApi()))
  app.notFound(({ req }) => problemResponse(new NotFoundError(`There is no ${req.method} ${req.path}.`)))
  app.onError(problemResponse)
  return app
}

/** Who asks where everybody may. */
const NOBODY: Caller = { owner: '', scopes: [], local: false }

const pathOf = ({ path }: Route) => path.replaceAll(/\{(\w+)\}/g, ':$1')

function tooLarge(): TerminalError {
  return new TerminalError(`The body is larger than ${MAX_BODY} bytes.`, { code: 'too_large' })
}
