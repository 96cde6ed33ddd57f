import type { EffectCall } from '../../kernel/types.ts'
import type { AttemptOutcome } from './outcome.ts'

/** An attempt that its turn does not wait for any longer. */
export const MOVED = Symbol('moved')

type MakeAttempt = (call: EffectCall) => Promise<AttemptOutcome>

/**
 * Attempts that took longer than their turn could wait. They go on, and the step's own turn takes them up, under the
 * same idempotency key. If the process dies in between, that turn makes the call again, as after any crash.
 */
export interface MovedCalls {
  /** Makes an attempt. `MOVED`: it goes on after `patience` ms. */
  within(call: EffectCall, patience: number, make: MakeAttempt): Promise<AttemptOutcome | typeof MOVED>
  /** The attempt that goes on under a key. From now on, `signal` cancels it. */
  take(key: string, signal: AbortSignal): Promise<AttemptOutcome> | undefined
}

type Moved = { readonly made: Promise<AttemptOutcome>; readonly own: AbortController; readonly timer: NodeJS.Timeout }

/** How long an attempt goes on that no turn takes up: its run was cancelled in between. */
const UNTAKEN_MS = 60_000

/** The moved attempts of a process. */
export function createMovedCalls(): MovedCalls {
  const moved = new Map<string, Moved>()

  function keep(key: string, made: Promise<AttemptOutcome>, own: AbortController): void {
    const drop = () => {
      moved.delete(key)
      own.abort()
    }
    moved.set(key, { made, own, timer: setTimeout(drop, UNTAKEN_MS).unref() })
    // the turn that takes it up hears of a failure
    made.catch(() => {})
  }

  return {
    async within(call, patience, make) {
      const own = new AbortController()
      const unfollow = follow(call.signal, own)
      const made = make({ ...call, signal: own.signal })
      const { promise: late, resolve } = Promise.withResolvers<typeof MOVED>()
      const timer = setTimeout(resolve, patience, MOVED)
      try {
        const first = await Promise.race([made, late])
        if (first === MOVED) keep(call.idempotencyKey, made, own)
        return first
      } finally {
        clearTimeout(timer)
        unfollow()
      }
    },
    take(key, signal) {
      const found = moved.get(key)
      if (!found) return undefined
      moved.delete(key)
      clearTimeout(found.timer)
      follow(signal, found.own)
      return found.made
    },
  }
}

/** Aborts with a signal, until the result is called. */
function follow(signal: AbortSignal, own: AbortController): () => void {
  const abort = () => own.abort(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  return () => signal.removeEventListener('abort', abort)
}
