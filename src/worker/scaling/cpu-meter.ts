import type { PoolClock } from '../clock.ts'

/** A function that says how much of so many cores this process has used since it was last asked, 0..1. */
export function cpuMeter(cores: number, clock: Pick<PoolClock, 'elapsed'>): () => number {
  let used = process.cpuUsage()
  let at = clock.elapsed()
  return () => {
    const [before, since] = [used, at]
    used = process.cpuUsage()
    at = clock.elapsed()
    const busy = (used.user + used.system - before.user - before.system) / 1000
    return at > since ? Math.min(1, busy / ((at - since) * cores)) : 0
  }
}
