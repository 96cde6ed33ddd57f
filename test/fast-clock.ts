import { type Clock, systemClock } from '../src/engine/engine.ts'

/** A clock on which a second takes `1 / speed` of one, alike in all processes that begin at `since` (ms since the epoch). */
export function fastClock(since: number, speed: number): Clock {
  return {
    ...systemClock,
    now: () => since + (Date.now() - since) * speed,
    after: (delay, callback) => systemClock.after(delay / speed, callback),
  }
}
