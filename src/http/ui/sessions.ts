import { hash, randomBytes } from 'node:crypto'
import { refused } from '../../access/room/keys.ts'
import type { Clock } from '../../engine/engine.ts'
import type { Caller } from '../authorize/caller.ts'
import type { Identify } from '../server/authenticate.ts'
import { wrongOrigin } from '../server/authenticate.ts'

/** ms without a request, and in all, after which a session ends. */
const IDLE_MS = 12 * 3_600_000
const LONGEST_MS = 7 * 24 * 3_600_000
/** Sessions of one server; the oldest ends first. */
const MAX_SESSIONS = 1000

/** Methods that change nothing. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

type Session = { readonly begun: number; used: number; identify(): Caller | Promise<Caller> }

/** The sessions of browsers: cookies that stand for a caller. They end with the process. */
export interface Sessions {
  /** Opens a session, and returns the header that gives its cookie to the browser that sent the request. */
  open(request: Request, base: string, identify: Session['identify']): string
  /** Ends the session of a request, and returns the header that removes its cookie. */
  close(request: Request, base: string): string
  /**
   * The caller of a request with the cookie of a session; undefined without one.
   * @throws an error of code `unauthenticated` if its key is gone, or `wrong_origin` for a change of another page
   */
  identify(request: Request): Promise<Caller | undefined>
}

/** Keeps sessions in memory; of a cookie it knows only the hash. */
export function createSessions(clock: Pick<Clock, 'elapsed'>): Sessions {
  const sessions = new Map<string, Session>()

  function find(request: Request): Session | undefined {
    const name = nameFor(request)
    const value = cookiesOf(request).find(([key]) => key === name)?.[1]
    if (value === undefined) return undefined
    const id = hash('sha256', value)
    const session = sessions.get(id)
    if (!session) return undefined
    const now = clock.elapsed()
    if (now - session.used < IDLE_MS && now - session.begun < LONGEST_MS) return session
    sessions.delete(id)
    return undefined
  }

  return {
    open(request, base, identify) {
      const value = randomBytes(32).toString('base64url')
      const now = clock.elapsed()
      if (sessions.size >= MAX_SESSIONS) sessions.delete(sessions.keys().next().value!)
      sessions.set(hash('sha256', value), { begun: now, used: now, identify })
      return cookie(request, base, value, LONGEST_MS / 1000)
    },
    close(request, base) {
      const session = find(request)
      for (const [id, one] of sessions) if (one === session) sessions.delete(id)
      return cookie(request, base, '', 0)
    },
    async identify(request) {
      const session = find(request)
      if (!session) return undefined
      checkOwnOrigin(request)
      const caller = await session.identify()
      session.used = clock.elapsed()
      return caller
    },
  }
}

/** Lets requests with the cookie of a session in, and others by the rule of the server. */
export function identifyBySession(sessions: Sessions, others: Identify): Identify {
  return async (request) => {
    const caller = request.headers.has('authorization') ? undefined : await sessions.identify(request)
    return caller ?? others(request)
  }
}

/** Lets in requests with the cookie of a session alone. */
export const identifySession = (sessions: Sessions): Identify =>
  identifyBySession(sessions, async () => {
    throw refused('This session is over, or there was none.')
  })

/**
 * A browser sends a cookie by itself, so a change must name this server as its origin.
 * @throws an error of code `wrong_origin`
 */
export function checkOwnOrigin({ method, headers }: Request): void {
  if (SAFE.has(method)) return
  const origin = headers.get('origin')
  const host = headers.get('host')
  if (origin === null || host === null || URL.parse(origin)?.host !== host) throw wrongOrigin(origin ?? 'another site')
}

/** Browsers send the cookies of all ports of a machine, so the name has the port. */
function nameFor({ headers, url }: Request): string {
  const { port } = new URL(`http://${headers.get('host') ?? new URL(url).host}`)
  return `antiphon_ui${port && `_${port}`}`
}

function cookie(request: Request, base: string, value: string, seconds: number): string {
  const isSecure = URL.parse(request.headers.get('origin') ?? request.url)?.protocol === 'https:'
  return `${nameFor(request)}=${value}; Path=${base}/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`
}

function cookiesOf({ headers }: Request): readonly (readonly [name: string, value: string])[] {
  const pairs = (headers.get('cookie') ?? '').split(';').map((pair) => pair.trim())
  return pairs.flatMap((pair) =>
    pair.includes('=') ? [[pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]] : [],
  )
}
