import { z } from 'zod'
import { keyOwner } from '../house/scope.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, Turn } from '../kernel/types.ts'

/** ms without a request, and in all, after which a session of a browser ends. */
const SESSION_IDLE_MS = 12 * 3_600_000
export const LONGEST_SESSION_MS = 7 * 24 * 3_600_000
/** A use is stored if the last stored one is older (ms), so a session may end this much early. */
export const USE_RESOLUTION_MS = 10 * 60_000

/** A session of a browser. `hash`: SHA-256 of the secret of its cookie. `key`: the id of its API key. Times in ms. */
export type SessionState = {
  readonly hash: string
  readonly key: string
  readonly owner: string
  readonly openedAt: number
  readonly usedAt: number
}

const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('open'), hash: z.string().length(64), key: z.string(), owner: keyOwner }),
  z.object({ type: z.enum(['use', 'close', 'expire']) }),
])
type SessionMessage = z.infer<typeof message>

/** When a session ends if nobody uses it again, in ms since the epoch. */
export const endOfSession = ({ openedAt, usedAt }: Pick<SessionState, 'openedAt' | 'usedAt'>): number =>
  Math.min(usedAt + SESSION_IDLE_MS, openedAt + LONGEST_SESSION_MS)

/** `session/<id>`: a person who signed in to the dashboard with an API key, until the session is over. */
export function sessionActor(): Actor<SessionState | null, SessionMessage> {
  return defineActor<SessionState | null, SessionMessage>({
    kind: 'session',
    message,
    initial: () => null,
    async receive(state, asked, { now }) {
      const at = await now()
      if (asked.type === 'open') {
        const { hash, key, owner } = asked
        return storedTurn(state ?? { hash, key, owner, openedAt: at, usedAt: at }, at)
      }
      if (asked.type === 'use' && state && at < endOfSession(state)) return storedTurn({ ...state, usedAt: at }, at)
      return { stop: true, reply: false }
    },
  })
}

function storedTurn(state: SessionState, at: number): Turn<SessionState> {
  const { owner, key, openedAt } = state
  const expire = { delay: Math.max(0, endOfSession(state) - at), body: { type: 'expire' } }
  return { state, index: { owner, key, openedAt }, timers: { expire }, reply: true }
}
