import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { type Clock, systemClock } from '../../engine/engine.ts'
import { NotFoundError } from '../../errors.ts'
import { LOCAL } from '../authorize/caller.ts'
import type { Fetch } from '../client/transport/unix-socket.ts'
import { isLoopbackIp, urlOf } from '../server/address.ts'
import { wrongHost } from '../server/authenticate.ts'
import type { Ending, HttpApp } from '../server/lifecycle.ts'
import { type ServedOpenly, serve } from '../server/serve.ts'
import { BY, byHeader } from '../wire/by-header.ts'
import { problemResponse, toldBeside } from '../wire/response-headers.ts'
import { createDoor, type Entrance, withPages } from './door.ts'
import { openPages, type Pages } from './pages.ts'
import { createSessions, identifySession, sessionsInMemory } from './sessions.ts'

const CODE_MS = 60_000
const HOST = '127.0.0.1'

/** Headers of a page that reach the owner of the folder. Others could speak for somebody else. */
const PASSED = ['accept', 'content-type', 'idempotency-key', 'last-event-id', 'range', 'x-request-id']

/** The dashboard of a folder on the loopback, for the user of the folder. */
type FolderDoor = {
  readonly door: ServedOpenly
  /** An address that signs one browser in, once, within a minute. */
  address(): string
}

type FolderDoorOptions = {
  readonly port: number
  /** the user of the machine, for the record */
  readonly user: string
  readonly clock?: Clock
  /** the pages; absent: those of this package */
  readonly pages?: () => Pages
}

/**
 * Serves the pages, and passes what they ask to the owner of the folder, which knows this process as its user.
 * NotFoundError when the pages are not built: no browser needs to be opened to see that.
 */
export async function openFolderDoor(
  ask: Fetch,
  { port, user, clock = systemClock, pages: given = openPages }: FolderDoorOptions,
): Promise<FolderDoor> {
  const pages = given()
  const sessions = createSessions(sessionsInMemory(LOCAL, clock))
  const codes = createCodes(clock)
  const identify = identifySession(sessions)
  const entrance: Entrance = { signIn: 'code', sessions, take: codes.take }
  const app: HttpApp = {
    async fetch(request) {
      try {
        const { pathname, search } = new URL(request.url)
        if (!pathname.startsWith('/v1/')) throw new NotFoundError(`There is no ${request.method} ${pathname}.`)
        await identify(request)
        return await ask(passed(request, `${pathname}${search}`, user))
      } catch (error) {
        return toldBeside(problemResponse(error))
      }
    },
  }
  const door = await serve(
    onLoopback(withPages(app, createDoor({ entrance, clock, pages: () => pages }))),
    { host: HOST, port },
    clock,
  )
  return { door, address: () => `${urlOf(door)}/ui/?code=${codes.make()}` }
}

function passed(request: Request, path: string, user: string): Request {
  const headers = new Headers(byHeader({ through: 'ui', user }))
  for (const name of PASSED) if (name !== BY && request.headers.has(name)) headers.set(name, request.headers.get(name)!)
  const { method, body, signal } = request
  return new Request(`http://antiphon${path}`, {
    method,
    headers,
    signal,
    ...(body && { body, duplex: 'half' }),
  } as RequestInit)
}

/** Refuses a host that is not of the loopback: a name of another site may have been bound to it. */
function onLoopback(app: HttpApp): HttpApp {
  return {
    async fetch(request: Request, env?: Ending) {
      const name = URL.parse(`http://${request.headers.get('host') ?? ''}`)?.hostname ?? ''
      if (name === 'localhost' || isLoopbackIp(name.replace(/^\[|\]$/g, ''))) return app.fetch(request, env)
      return toldBeside(problemResponse(wrongHost(name)))
    },
  }
}

/** Codes that are good once. Only their hashes are known. */
function createCodes({ elapsed }: Pick<Clock, 'elapsed'>) {
  let open: { readonly hash: Buffer; readonly until: number }[] = []
  return {
    make(): string {
      const code = randomBytes(24).toString('base64url')
      open = [...open.slice(-9), { hash: hashOf(code), until: elapsed() + CODE_MS }]
      return code
    },
    take(code: string): boolean {
      const given = hashOf(code)
      const found = open.find((one) => timingSafeEqual(one.hash, given) && one.until > elapsed())
      open = open.filter((one) => one !== found)
      return found !== undefined
    },
  }
}

const hashOf = (code: string) => hash('sha256', code, 'buffer')
