import type { Clock } from '../engine/engine.ts'

/** A clock that stands still until a test advances it. */
export interface SimulatedClock extends Clock {
  /** Advances by `ms`: calls every callback that falls due, in order, and lets promises settle in between. */
  advance(ms: number): Promise<void>
  /** The time of the next callback; undefined: none is set. */
  readonly next: number | undefined
}

type ScheduledCallback = { readonly at: number; readonly callback: () => void }

/** More callbacks than this in one advance count as an endless loop. */
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

// of callbacks that are due together, the one that was set first comes first: a set keeps its order
function earliest(alarms: ReadonlySet<ScheduledCallback>): ScheduledCallback | undefined {
  let first: ScheduledCallback | undefined
  for (const alarm of alarms) if (!first || alarm.at < first.at) first = alarm
  return first
}

/** Immediates in a row: what a callback begins may wait for others a few times. */
const SETTLING = 4

async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLING; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}
