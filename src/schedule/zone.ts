/** Instants and local times of a zone. A local time is the number of ms that its digits have in UTC. */
type Zone = {
  /** the local time of an instant, minus the instant */
  readonly offset: (instant: number) => number
  /** the first change of the offset after `from`, and not after `to` */
  readonly change: (from: number, to: number) => OffsetChange | undefined
}

/** The clock of a zone is set: from local time `end` to local time `begin`. */
export type OffsetChange = { readonly at: number; readonly end: number; readonly begin: number }

/** No zone sets its clock twice within this time. */
const STEP_MS = 7 * 86_400_000

/** The zone of a name. RangeError if there is none. */
export function openZone(name: string): Zone {
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
