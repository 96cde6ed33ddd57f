import type { Clock } from '../engine/engine.ts'

/** A clock that stands still until it is told to move. */
export interface SimulatedClock extends Clock {
  /** Moves on by `ms`: calls back whatever falls due, in order, and lets promises settle in between. */
  advance(ms: number): Promise<void>
  /** When the next callback falls due; absent: none is set. */
  readonly next: number | undefined
}

type ScheduledCallback = { readonly at: number; readonly callback: () => void }

/** More callbacks than this in one advance is a loop. */
const MAX_CALLBACKS = 100_000

/** A clock for tests; `start` in ms since the epoch. */
export function simulatedClock(start = 1_000_000): SimulatedClock {
  const alarms = new Set<ScheduledCallback>()
  let now = start

  async function advance(ms: number): Promise<void> {
    const end = now + ms
    await settle()
    for (let calls = 0; ; calls++) {
      const alarm = earliest(alarms)
      if (!alarm || alarm.at > end) break
      if (calls === MAX_CALLBACKS) throw new RangeError(`more than ${MAX_CALLBACKS} callbacks within ${ms} ms`)
      alarms.delete(alarm)
      now = Math.max(now, alarm.at)
      alarm.callback()
      await settle()
    }
    now = end
  }

  return {
    now: () => now,
    elapsed: () => now,
    after(delay, callback) {
      const alarm = { at: now + Math.max(0, delay), callback }
      alarms.add(alarm)
      return () => alarms.delete(alarm)
    },
    soon: (callback) => void setImmediate(callback),
    advance,
    get next() {
      return earliest(alarms)?.at
    },
  }
}

// of those that fall due together the one that was set first, as a set keeps its order
function earliest(alarms: ReadonlySet<ScheduledCallback>): ScheduledCallback | undefined {
  let first: ScheduledCallback | undefined
  for (const alarm of alarms) if (!first || alarm.at < first.at) first = alarm
  return first
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
