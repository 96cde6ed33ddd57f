import { TerminalError } from '../../errors.ts'
import { mustPropagate } from '../../work/suspension.ts'
import type { PhaseContext } from '../protocol/phase.ts'

/** ms that a phase has to end by itself after its deadline, when its last effect has ended. */
const GRACE_MS = 100

/**
 * A context for code that may not end in time. Its effects are refused once the phase has ended. An effect that waits
 * ends the phase: the code never sees the wait, so it cannot take it for a failure.
 */
export function lendContext(context: PhaseContext) {
  let isOver = false
  let inFlight: Promise<unknown> = Promise.resolve()
  const end = Promise.withResolvers<never>()
  const lent = (act: (...given: never[]) => Promise<unknown>) => {
    return (...given: never[]) => {
      if (isOver) return Promise.reject(new TerminalError('the phase has ended', { code: 'timeout' }))
      const effect = act(...given)
      inFlight = Promise.allSettled([inFlight, effect])
      return effect.catch((error: unknown) => {
        if (!mustPropagate(error)) throw error
        end.reject(error)
        return new Promise<never>(() => {})
      })
    }
  }
  const parts = Object.entries(context).map(([name, part]) => [name, typeof part === 'function' ? lent(part) : part])
  return {
    context: Object.fromEntries(parts) as PhaseContext,
    /** The result of the phase, or the error of its deadline (ms). An effect in flight ends before. */
    async within<T>(work: Promise<T>, deadline: number, late: () => Error): Promise<T> {
      let timer = setTimeout(async () => {
        await inFlight
        timer = setTimeout(() => end.reject(late()), GRACE_MS)
      }, deadline)
      try {
        return await Promise.race([work, end.promise])
      } finally {
        isOver = true
        clearTimeout(timer)
      }
    },
  }
}
