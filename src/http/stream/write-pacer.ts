import { setImmediate as nextTurn } from 'node:timers/promises'

/** Keeps many concurrent writers from blocking everything else. */
export interface Pace {
  /** Called before a write. Undefined: write now; otherwise a promise after which to ask again. */
  wait(): Promise<void> | undefined
}

/** Limits the writes per turn of the event loop, over all streams. */
export function createPace(most: number): Pace {
  let written = 0
  let next: Promise<void> | undefined

  async function beginAnew(): Promise<void> {
    await nextTurn()
    written = 0
    next = undefined
  }

  return {
    wait() {
      next ??= beginAnew()
      if (written >= most) return next
      written++
      return undefined
    },
  }
}
