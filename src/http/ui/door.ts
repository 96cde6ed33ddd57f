import { Hono } from 'hono'
import { getPath } from 'hono/utils/url'
import { z } from 'zod'
import { DEFAULT_SERVE, type ServeConfig } from '../../config/serve.ts'
import { type Clock, systemClock } from '../../engine/engine.ts'
import { is, NotFoundError, TerminalError } from '../../errors.ts'
import { parseNow } from '../../kernel/schema.ts'
import { readBody } from '../routing/body.ts'
import { addressList, addressOf } from '../server/address.ts'
import type { Ending, HttpApp } from '../server/lifecycle.ts'
import { createGuard } from '../server/limits/guard.ts'
import { problemResponse, toldBeside } from '../wire/response-headers.ts'
import { openPages, type Pages } from './pages.ts'
import { checkOwnOrigin, type Sessions } from './sessions.ts'

/** The bytes of a request that signs in. */
const MAX_BODY = 4096

const signInRequest = z.strictObject({ key: z.string().min(1).max(500) })

/** How people get a session. `take` accepts a code once. */
export type Entrance =
  | { readonly signIn: 'none' }
  | { readonly signIn: 'key'; readonly sessions: Sessions }
  | { readonly signIn: 'code'; readonly sessions: Sessions; take(code: string): boolean }

type DoorOptions = {
  readonly entrance: Entrance
  /** the path under which another server mounts this one; absent: none */
  readonly base?: string
  readonly serve?: ServeConfig
  readonly clock?: Clock
  /** the pages; absent: those of this package */
  readonly pages?: () => Pages
}

export const isForPages = (request: Request, base = ''): boolean =>
  /^\/ui(?:\/|$)/.test(getPath(request).slice(base.length)) && getPath(request).startsWith(base)

/** The pages of the dashboard and their sign-in, below `/ui`. They hold no data. */
export function createDoor({
  entrance,
  base = '',
  serve = DEFAULT_SERVE,
  clock = systemClock,
  pages: given = openPages,
}: DoorOptions): HttpApp {
  const guard = createGuard(serve, clock.elapsed)
  const trusted = addressList(serve.trustedProxies)
  let opened: Pages | undefined
  const pages = () => (opened ??= given())
  const app = new Hono({ getPath: (request) => getPath(request).slice(base.length) })

  app.use(async (context, next) => {
    await next()
    toldBeside(context.res)
  })
  if (entrance.signIn === 'key')
    app.post('/ui/session', async (context) => {
      guard.stranger(addressOf(context, trusted) ?? '')
      const { raw } = context.req
      checkOwnOrigin(raw)
      const body = await readBody(context.req, { limit: MAX_BODY, clock, form: undefined })
      const { key } = await parseNow(signInRequest, body, 'body')
      const given = await entrance.sessions.open(raw, base, key)
      return new Response(null, { status: 204, headers: { 'set-cookie': given } })
    })
  if (entrance.signIn !== 'none')
    app.delete('/ui/session', async ({ req: { raw } }) => {
      checkOwnOrigin(raw)
      const removed = await entrance.sessions.close(raw, base)
      return new Response(null, { status: 204, headers: { 'set-cookie': removed } })
    })
  app.get('/ui', () => found(`${base}/ui/`))
  app.get(
    '/ui/build',
    () => new Response(pages().build, { headers: { 'content-type': 'text/plain', 'cache-control': 'no-store' } }),
  )
  app.get('/ui/*', (context) => {
    const { req } = context
    const code = req.query('code')
    if (entrance.signIn === 'code' && code !== undefined) {
      guard.stranger(addressOf(context, trusted) ?? '')
      return redeem(entrance, req.raw, { code, base })
    }
    const name = req.path.slice('/ui/'.length)
    const file = pages().file(name, req.header('accept-encoding') ?? '')
    if (file) return file
    if (/\.(?:js|css|svg|map|br)$/.test(name))
      throw new NotFoundError(`There is no file ${name.slice(0, 100)} of the pages.`)
    return pages().document(base, entrance.signIn)
  })
  app.notFound(({ req }) => problemResponse(new NotFoundError(`There is no ${req.method} ${req.path}.`)))
  app.onError((error) =>
    problemResponse(is(error) ? error : new TerminalError('The server failed.', { code: 'internal' })),
  )
  return app
}

/** A code gives a cookie once; the address with the code is replaced at once. */
async function redeem(
  { take, sessions }: Extract<Entrance, { signIn: 'code' }>,
  request: Request,
  { code, base }: { readonly code: string; readonly base: string },
): Promise<Response> {
  const answer = found(`${base}/ui/`)
  if (take(code)) answer.headers.set('set-cookie', await sessions.open(request, base))
  return answer
}

const found = (location: string) =>
  new Response(null, {
    status: 303,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
  })

/** An app that answers requests for pages by the door, and all others as before. */
export function withPages(app: HttpApp, door: HttpApp, base = ''): HttpApp {
  return {
    fetch: (request: Request, env?: Ending) => (isForPages(request, base) ? door : app).fetch(request, env),
  }
}
