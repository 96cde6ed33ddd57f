/** A line of cron as lists of numbers. Absent: each. */
export type Line = {
  readonly minute: readonly number[]
  readonly hour: readonly number[]
  readonly day?: readonly number[]
  readonly isFixed: boolean
}

const MINUTE = 60_000

/**
 * The instants of a line in a zone, by a walk over all minutes. It knows only what the clock on the wall shows. A fixed
 * line is due at each of its times once: when the clock shows it first, or when the clock jumps over it. Any other line
 * is due whenever the clock shows its time, and at a jump over all its times of a day.
 */
export function walk(line: Line, clock: Clock, from: number, to: number): readonly number[] {
  const found: number[] = []
  /** all times of the line that the wall has shown in this walk */
  const shown = new Set<string>()
  const daysSeen = new Set<string>()
  // a time that the clock showed before the walk is shown already
  for (let at = from - 1440 * MINUTE; at <= from; at += MINUTE) note(clock(at))
  function note(wall: Wall): void {
    if (!matches(line, wall)) return
    shown.add(text(wall))
    daysSeen.add(dayOf(wall))
  }
  for (let at = from + MINUTE; at <= to; at += MINUTE) {
    const [before, wall] = [clock(at - MINUTE), clock(at)]
    let isDue = matches(line, wall) && !(line.isFixed && shown.has(text(wall)))
    for (const skipped of between(before, wall)) {
      if (!matches(line, skipped)) continue
      if (line.isFixed || !isShownThatDay(skipped, at)) isDue = true
    }
    if (isDue) found.push(at)
    note(wall)
  }
  return found

  /** Whether the wall shows a time of the line on the day of a time that it skips, before or after. */
  function isShownThatDay(skipped: Wall, at: number): boolean {
    if (daysSeen.has(dayOf(skipped))) return true
    for (let later = at; later < at + 1440 * MINUTE; later += MINUTE) {
      const wall = clock(later)
      if (dayOf(wall) !== dayOf(skipped)) return false
      if (matches(line, wall)) return true
    }
    return false
  }
}

type Clock = (at: number) => Wall
type Wall = { readonly year: number; readonly month: number; readonly day: number; readonly minute: number }

const text = (wall: Wall) => `${dayOf(wall)} ${wall.minute}`
const dayOf = ({ year, month, day }: Wall) => `${year}-${month}-${day}`
const matches = ({ minute, hour, day }: Line, wall: Wall) =>
  minute.includes(wall.minute % 60) && hour.includes(Math.floor(wall.minute / 60)) && (day?.includes(wall.day) ?? true)

/** The times that a clock skips when it goes from one to another; none if it goes on, or back. */
function between(before: Wall, after: Wall): readonly Wall[] {
  if (after.minute === before.minute + 1) return []
  const [from, to] = [before, after].map(({ year, month, day, minute }) => Date.UTC(year, month - 1, day, 0, minute))
  const skipped: Wall[] = []
  for (let at = from! + MINUTE; at < to!; at += MINUTE) skipped.push(wallOf(new Date(at)))
  return skipped
}

const wallOf = (date: Date): Wall => ({
  year: date.getUTCFullYear(),
  month: date.getUTCMonth() + 1,
  day: date.getUTCDate(),
  minute: date.getUTCHours() * 60 + date.getUTCMinutes(),
})

/** The clock on a wall of a zone, read as a person reads it: a text. */
export function clockOf(timeZone: string): Clock {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  const known = new Map<number, Wall>()
  return (at) => {
    const before = known.get(at)
    if (before) return before
    const [year, month, day, hour, minute] = format.format(at).split(/\D+/).map(Number) as [number, ...number[]]
    const wall = { year, month: month!, day: day!, minute: hour! * 60 + minute! }
    known.set(at, wall)
    return wall
  }
}
