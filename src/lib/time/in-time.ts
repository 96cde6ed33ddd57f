import type { TimerClock } from './pause.ts'

const REAL: TimerClock = {
  after(ms, act) {
    const timer = setTimeout(act, ms)
    return () => clearTimeout(timer)
  },
}

/** The outcome of work, or the error of `late` after some ms. The work itself goes on. */
export function inTime<T>(work: Promise<T>, ms: number, late: () => Error, clock: TimerClock = REAL): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = clock.after(ms, () => reject(late()))
    work.then(resolve, reject).finally(stop)
  })
}
