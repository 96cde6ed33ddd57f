import { hash, randomBytes } from 'node:crypto'
import { refused } from '../../access/room/keys.ts'
import type { AccessPort } from '../../access/room/port.ts'
import { endOfSession, LONGEST_SESSION_MS } from '../../access/session.ts'
import type { Clock } from '../../engine/engine.ts'
import type { Caller } from '../authorize/caller.ts'
import { callerOfKey, type Identify, wrongOrigin } from '../server/authenticate.ts'

/** Sessions in the memory of one process. */
const MAX_SESSIONS = 1000

/** Methods that change nothing. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Where sessions are kept. A token is as good as the session; a store knows its hash only. */
interface SessionStore {
  /** Opens a session, and gives its token. `key`: the API key that a person typed; absent: a code was redeemed. */
  open(key?: string): Promise<string>
  /** The caller of a session, which is used now; undefined: there is none, or it is over. */
  identify(token: string): Promise<Caller | undefined>
  close(token: string): Promise<void>
}

/** The sessions of browsers: cookies that stand for a caller. */
export interface Sessions {
  /** Opens a session, and returns the header that gives its cookie to the browser that sent the request. */
  open(request: Request, base: string, key?: string): Promise<string>
  /** Ends the session of a request, and returns the header that removes its cookie. */
  close(request: Request, base: string): Promise<string>
  /**
   * The caller of a request with the cookie of a session; undefined without one.
   * @throws an error of code `unauthenticated` if its key is gone, or `wrong_origin` for a change of another page
   */
  identify(request: Request): Promise<Caller | undefined>
}

export function createSessions(store: SessionStore): Sessions {
  return {
    async open(request, base, key) {
      return cookie(request, base, await store.open(key), LONGEST_SESSION_MS / 1000)
    },
    async close(request, base) {
      const token = tokenOf(request)
      if (token !== undefined) await store.close(token)
      return cookie(request, base, '', 0)
    },
    async identify(request) {
      const token = tokenOf(request)
      if (token === undefined) return undefined
      checkOwnOrigin(request)
      return store.identify(token)
    },
  }
}

/** Sessions that stand for API keys. They are stored with the keys, so a restart of the server ends none. */
export function sessionsOfKeys({ sessions }: Pick<AccessPort, 'sessions'>): SessionStore {
  return {
    open: (key = '') => sessions.open(key),
    async identify(token) {
      const key = await sessions.identify(token)
      return key && callerOfKey(key)
    },
    close: (token) => sessions.close(token),
  }
}

/** Sessions that stand for one caller, and end with the process. The oldest ends first. */
export function sessionsInMemory(caller: Caller, clock: Pick<Clock, 'elapsed'>): SessionStore {
  type Session = { readonly openedAt: number; usedAt: number }
  const sessions = new Map<string, Session>()
  const dropEnded = (now: number) => {
    for (const [name, session] of sessions) if (now >= endOfSession(session)) sessions.delete(name)
  }
  return {
    async open() {
      const token = randomBytes(32).toString('base64url')
      const now = clock.elapsed()
      dropEnded(now)
      if (sessions.size >= MAX_SESSIONS) sessions.delete(sessions.keys().next().value!)
      sessions.set(hash('sha256', token), { openedAt: now, usedAt: now })
      return token
    },
    async identify(token) {
      const now = clock.elapsed()
      dropEnded(now)
      const session = sessions.get(hash('sha256', token))
      if (session) session.usedAt = now
      return session && caller
    },
    async close(token) {
      sessions.delete(hash('sha256', token))
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

/** A browser sends a cookie by itself, so a change must name this server as its origin, else error `wrong_origin`. */
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

function tokenOf(request: Request): string | undefined {
  const name = nameFor(request)
  return cookiesOf(request).find(([key]) => key === name)?.[1]
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
