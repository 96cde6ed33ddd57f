import { interruption, isInterruption } from '../kernel/interrupt.ts'
import type { Clock } from './engine.ts'
import type { Running } from './mailbox.ts'

/** What an interrupted turn comes to: nothing. Any other error is thrown on. */
export function undecided(error: unknown): undefined {
  if (!isInterruption(error)) throw error
}

/** Runs work of a turn; once the turn is interrupted it rejects at once, whatever the work goes on to do. */
export function interruptible(turn: Running): <T>(work: () => Promise<T>) => Promise<T> {
  const { signal } = turn.controller
  return async (work) => {
    let stop = () => {}
    const interrupted = new Promise<never>((_, reject) => {
      stop = () => {
        turn.interrupted = true
        reject(interruption('the turn was interrupted'))
      }
    })
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    try {
      return await Promise.race([interrupted, signal.aborted ? interrupted : work()])
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }
}

/** A pause between attempts; an engine that stops does not wait for it. */
export function sleep(clock: Clock, delay: number, turn: Running, isStopping: () => boolean): Promise<void> {
  turn.until = clock.now() + delay
  return new Promise((resolve) => {
    if (isStopping()) return turn.controller.abort()
    const off = clock.after(delay, () => {
      turn.until = undefined
      resolve()
    })
    turn.controller.signal.addEventListener('abort', off, { once: true })
  })
}
