import type { Clock } from '../engine.ts'

/** Lets go of what waited for the disk, in order. */
export interface Departures {
  /** The first few leave at once. */
  add(departures: readonly Departure[]): void
  /** Some are still to leave. */
  readonly pending: boolean
}
export type Departure = () => void

/** So many leave at a time: what follows from them can be on its way to the disk before the others do their work. */
const AT_ONCE = 32

export function createDepartures(clock: Clock): Departures {
  let queue: Departure[] = []
  let next = 0

  function leave(): void {
    const end = Math.min(queue.length, next + AT_ONCE)
    while (next < end) queue[next++]!()
    if (next < queue.length) clock.soon(leave)
    else {
      queue = []
      next = 0
    }
  }

  return {
    add(departures) {
      const isIdle = queue.length === 0
      for (const departure of departures) queue.push(departure)
      if (isIdle) leave()
    },
    get pending() {
      return queue.length > 0
    },
  }
}
