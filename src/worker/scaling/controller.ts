import { type PoolClock, poolClock } from '../clock.ts'

/** A pool that the controller samples while it works. */
type ScaledTarget = {
  adjust(cpu: number): void
  isAtRest(): boolean
}

/** Adjusts the sizes of pools to their load. */
interface ScaleController {
  /** Starts sampling, until all pools are at rest. */
  wake(): void
  close(): void
}

type ControllerOptions = {
  pools(): Iterable<ScaledTarget>
  /** The used share of the cores since the last call, 0..1. */
  cpu(): number
  readonly clock: PoolClock
}

/** A clock with unreferenced timers: sampling does not keep the process alive. */
export const quietClock: PoolClock = {
  elapsed: poolClock.elapsed,
  after(delay, callback) {
    const handle = setTimeout(callback, delay).unref()
    return () => clearTimeout(handle)
  },
}

/** ms between two samples. */
export const TICK_MS = 1000

/** Creates a controller with one timer for all pools, which stops while they are at rest. */
export function createScaleController({ pools, cpu, clock }: ControllerOptions): ScaleController {
  let stop: (() => void) | undefined
  let closed = false

  function tick(): void {
    const used = cpu()
    const all = [...pools()]
    for (const pool of all) pool.adjust(used)
    stop = closed || all.every((pool) => pool.isAtRest()) ? undefined : clock.after(TICK_MS, tick)
  }

  return {
    wake() {
      if (stop !== undefined || closed) return
      cpu()
      stop = clock.after(TICK_MS, tick)
    },
    close() {
      closed = true
      stop?.()
    },
  }
}
