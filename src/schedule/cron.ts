import { Cron } from 'croner'

const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

/** An expression of cron over local times, which know no zone. */
export type CronPattern = {
  /** no `*`, `?` or step in minute and hour */
  readonly isFixed: boolean
  /** the first local time after another one; undefined: there is none */
  readonly next: (after: number) => number | undefined
  /** the number of local times after `after`, up to `to` */
  readonly count: (after: number, to: number) => number
}

/** Reads an expression of five or six fields, or a word such as `@daily`. Throws what is wrong with it. */
export function readCron(cron: string): CronPattern {
  if (!/^(?:@\w+|\S+(?:\s+\S+){4,5})$/.test(cron.trim())) throw new Error('expected five or six fields')
  // croner knows what an expression means; zones and their changes are ours
  const job = new Cron(cron, { utcOffset: 0, paused: true })
  const next: CronPattern['next'] = (after) => job.nextRun(new Date(after))?.getTime()
  const [hour = '', minute = ''] = job.getPattern()!.trim().split(/\s+/).toReversed().slice(3)
  return { isFixed: !/[*?/]/.test(minute + hour), next, count: counter(next) }
}

/** Counts without a look at each time: a day that an expression names has the same times as any other one. */
function counter(next: CronPattern['next']): CronPattern['count'] {
  let times: TimesOfDay | undefined
  return (after, to) => {
    let sum = 0
    for (let at = next(after); at !== undefined && at <= to; ) {
      const day = startOfDay(at)
      times ??= timesOfDay(next, day)
      sum += timesBefore(times, to + 1 - day) - timesBefore(times, at - day)
      at = next(day + DAY_MS - 1)
    }
    return sum
  }
}

export const startOfDay = (local: number): number => Math.floor(local / DAY_MS) * DAY_MS

/** The hours, minutes and seconds that an expression names, each in ms. */
type TimesOfDay = readonly (readonly number[])[]

function timesOfDay(next: CronPattern['next'], day: number): TimesOfDay {
  let begin = day
  return [HOUR_MS, 60_000, 1000].map((unit) => {
    const steps = Array.from({ length: unit === HOUR_MS ? 24 : 60 }, (_, step) => step * unit)
    const named = steps.filter((step) => (next(begin + step - 1) ?? Number.POSITIVE_INFINITY) < begin + step + unit)
    begin += named[0] ?? 0
    return named
  })
}

/** How many times of a day are earlier than a time of it. */
function timesBefore([steps = [], ...finer]: TimesOfDay, time: number): number {
  const unit = finer.length === 2 ? HOUR_MS : finer.length === 1 ? 60_000 : 1000
  const each = finer.reduce((product, { length }) => product * length, 1)
  const whole = steps.filter((step) => step + unit <= time).length * each
  const open = steps.find((step) => step < time && time < step + unit)
  if (open === undefined) return whole
  return whole + (finer.length === 0 ? 1 : timesBefore(finer, time - open))
}
