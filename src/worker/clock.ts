/** Time as a pool sees it. */
export interface PoolClock {
  /** ms, with fractions, since some moment; never jumps */
  elapsed(): number
  /** Calls back after `delay` ms; returns a function that cancels it. */
  after(delay: number, callback: () => void): () => void
}

const MAX_TIMER_MS = 2 ** 31 - 1

export const poolClock: PoolClock = {
  elapsed: () => performance.now(),
  after(delay, callback) {
    const handle = setTimeout(callback, Math.min(delay, MAX_TIMER_MS))
    return () => clearTimeout(handle)
  },
}
