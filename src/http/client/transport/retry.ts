import type { Clock } from '../../../engine/engine.ts'
import { is } from '../../../errors.ts'
import { copyOf, isStreamed } from './streamed.ts'
import type { Fetch } from './unix-socket.ts'

/** How long to retry, and the callback for outages. */
type Persistence = {
  readonly clock: Clock
  /** ms after which a request without an answer is given up */
  readonly patience: number
  /** Called when the server has not answered for a moment. */
  lost?(): void
  /** Called when the server answers again. */
  back?(): void
}

const FIRST_PAUSE = 250
const LONGEST_PAUSE = 5_000

/**
 * Retries a request until it is answered, with the delay of the server or growing pauses. Only for
 * idempotent requests. Throws the error of the last attempt.
 */
export function persistentFetch(fetch: Fetch, persistence: Persistence): Fetch {
  const { clock, patience, lost, back } = persistence
  return async (request) => {
    const begun = clock.elapsed()
    for (let pause = FIRST_PAUSE, tries = 1; ; tries++) {
      const { later, take } = await attempt(fetch, request)
      if (later === undefined && tries > TOLD) back?.()
      const wait = Math.max(pause, later ?? 0)
      const isOver = isStreamed(request) || clock.elapsed() - begun + wait > patience
      if (later === undefined || isOver || request.signal.aborted) return take()
      if (tries === TOLD) lost?.()
      await passing(clock, wait, request.signal)
      pause = Math.min(2 * pause, LONGEST_PAUSE)
    }
  }
}

/** Failed attempts before an outage is reported. */
const TOLD = 3

/** The result of one attempt. `later`: ms before a retry. */
type Attempt = { readonly later?: number; take(): Response }

async function attempt(fetch: Fetch, request: Request): Promise<Attempt> {
  try {
    const response = await fetch(copyOf(request))
    const isLater = response.status === 429 || response.status === 503
    return { ...(isLater && { later: secondsIn(response) * 1_000 }), take: () => response }
  } catch (error) {
    const take = () => {
      throw error
    }
    return isLost(error) ? { later: 0, take } : { take }
  }
}

const secondsIn = ({ headers }: Response) => Number(headers.get('retry-after') ?? 0) || 0

const isLost = (error: unknown) => is(error) && (error.code === 'unreachable' || error.code === 'owner_gone')

/** Resolves after a time, or at the signal. */
function passing(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      callOff()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const callOff = clock.after(ms, end)
    signal.addEventListener('abort', end)
  })
}
