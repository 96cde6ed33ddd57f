import { type CronPattern, DAY_MS, startOfDay } from './cron.ts'
import type { Instants } from './instants.ts'

/** A stretch in which the clock of the zone is not set: from an instant on, and after a local time. */
type Stretch = { readonly from: number; readonly after: number }

/**
 * The instants of an expression in a zone. A fixed line is due at each of its local times once: at the end of the gap
 * if its clock skips the time, at the first of two equal times. Any other line is due whenever the clock shows its
 * time, and at the end of a gap that would take its whole day.
 */
export function cronInstants(pattern: CronPattern, zoneName: string): Instants {
  const zone = openZone(zoneName)
  const { isFixed, next, count } = pattern

  /** A fixed line does not come again to the times before the clock was set back. */
  function stretchAfter(instant: number): Stretch {
    const after = instant + zone.offset(instant)
    const change = isFixed ? zone.change(instant - DAY_MS, instant) : undefined
    return { from: instant, after: change ? Math.max(after, change.end - 1) : after }
  }

  const stretchFrom = ({ at, end, begin }: OffsetChange): Stretch => ({
    from: at,
    after: (isFixed ? Math.max(end, begin) : begin) - 1,
  })

  function isDueAtEnd({ end, begin }: OffsetChange): boolean {
    for (let local = next(end - 1); local !== undefined && local < begin; ) {
      const day = startOfDay(local)
      if (isFixed || !hasOther(day, end, begin)) return true
      local = next(day + DAY_MS - 1)
    }
    return false
  }

  /** Whether a day has a time before or after the gap. */
  function hasOther(day: number, end: number, begin: number): boolean {
    const before = next(day - 1) ?? Number.POSITIVE_INFINITY
    const after = next(Math.max(begin, day) - 1) ?? Number.POSITIVE_INFINITY
    return before < end || after < day + DAY_MS
  }

  return {
    next(instant) {
      let { from, after } = stretchAfter(instant)
      for (;;) {
        const local = next(after)
        if (local === undefined) return undefined
        const at = local - zone.offset(from)
        const change = zone.change(from, at)
        if (!change) return at
        if (isDueAtEnd(change)) return change.at
        ;({ from, after } = stretchFrom(change))
      }
    },
    count(instant, to) {
      let { from, after } = stretchAfter(instant)
      for (let sum = 0; ; ) {
        const change = zone.change(from, to)
        sum += count(after, change ? change.end - 1 : to + zone.offset(from))
        if (!change) return sum
        ;({ from, after } = stretchFrom(change))
        if (next(after) !== change.begin && isDueAtEnd(change)) sum++
      }
    },
  }
}

/** Instants and local times of a zone. A local time is the number of ms that its digits have in UTC. */
type Zone = {
  /** the local time of an instant, minus the instant */
  readonly offset: (instant: number) => number
  /** the first change of the offset after `from`, and not after `to` */
  readonly change: (from: number, to: number) => OffsetChange | undefined
}

/** The clock of a zone is set: from local time `end` to local time `begin`. */
type OffsetChange = { readonly at: number; readonly end: number; readonly begin: number }

/** No zone sets its clock twice within this time. */
const STEP_MS = 7 * 86_400_000

/** The zone of a name. RangeError if there is none. */
function openZone(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const offset = (instant: number): number => {
    const field: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(instant)) field[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = field
    const whole = Math.floor(instant / 1000) * 1000
    return Date.UTC(year, month - 1, day, hour, minute, second) - whole
  }
  return { offset, change: (from, to) => firstChange(offset, from, to) }
}

function firstChange(offset: Zone['offset'], from: number, to: number): OffsetChange | undefined {
  const before = offset(from)
  for (let low = from; low < to; low += STEP_MS) {
    let high = Math.min(low + STEP_MS, to)
    if (offset(high) === before) continue
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (offset(middle) === before) low = middle
      else high = middle
    }
    return { at: high, end: high + before, begin: high + offset(high) }
  }
  return undefined
}
