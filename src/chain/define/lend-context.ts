import { AsyncLocalStorage } from 'node:async_hooks'
import { InvalidError, TerminalError } from '../../errors.ts'
import { mustPropagate } from '../../work/suspension.ts'
import type { PhaseContext } from '../protocol/phase.ts'

/** ms that a phase has to end by itself after its deadline, when its last effect has ended. */
const GRACE_MS = 100

const insideRun = new AsyncLocalStorage<true>()

/**
 * A context for code that may not end in time. Its effects take place one after another, and are refused once the phase
 * has ended. An effect that waits ends the phase: the code never sees the wait, so it cannot take it for a failure.
 */
export function lendContext(context: PhaseContext) {
  let isOver = false
  let inFlight: Promise<unknown> = Promise.resolve()
  const end = Promise.withResolvers<never>()
  const lent = (name: string, act: (...given: never[]) => Promise<unknown>) => {
    return (...given: never[]) => {
      // it would wait for the `run` that waits for it
      if (insideRun.getStore()) return Promise.reject(new InvalidError(`${name} cannot be used inside \`run\`.`))
      const effect = inFlight.then(() => {
        if (isOver) throw new TerminalError('The phase has ended.', { code: 'timeout' })
        return act(...given)
      })
      inFlight = effect.catch((error: unknown) => {
        if (!mustPropagate(error)) return
        isOver = true
        end.reject(error)
      })
      return effect.catch((error: unknown) => {
        if (mustPropagate(error)) return new Promise<never>(() => {})
        throw error
      })
    }
  }
  const run: PhaseContext['run'] = (name, work, options) => {
    const inside =
      typeof work === 'function' ? (call: Parameters<typeof work>[0]) => insideRun.run(true, work, call) : work
    return context.run(name, inside, options)
  }
  const parts = Object.entries({ ...context, run }).map(([name, part]) => [
    name,
    typeof part === 'function' ? lent(name, part) : part,
  ])
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
