import type { CronOptions } from 'croner'
import { InvalidError } from '../errors.ts'
import type { Timing } from './definition.ts'

/** The first instant of a schedule after a time; both are ms since the epoch. Undefined: it is never due again. */
export type NextInstant = (after: number) => number | undefined

const DEFAULT_ZONE = 'UTC'

/**
 * Instants of a schedule. `every` counts from `anchor`. Where a clock is set forward for the summer, an instant in the
 * gap is due at its end; where it is set back, an instant of a day is due once.
 * @throws InvalidError for an expression or a time zone that is wrong, and `schedule_never_due`
 */
export async function instantsOf(timing: Timing, anchor: number): Promise<NextInstant> {
  const next = timing.every === undefined ? await cronInstants(timing) : spanInstants(timing.every, anchor)
  if (next(anchor) !== undefined) return next
  throw new InvalidError(`The schedule \`${timing.cron}\` is never due.`, {
    code: 'schedule_never_due',
    place: { path: 'cron' },
    hint: 'Check the day and the month: 30 February does not exist.',
  })
}

/** The next instants after a time, at most `count`. */
export function instantsAfter(next: NextInstant, after: number, count: number): readonly number[] {
  const found: number[] = []
  for (let at = next(after); at !== undefined && found.length < count; at = next(at)) found.push(at)
  return found
}

function spanInstants(seconds: number, anchor: number): NextInstant {
  const span = Math.round(seconds * 1000)
  if (span < MIN_SPAN)
    throw new InvalidError(`Expected at least ${MIN_SPAN / 1000} second between two instants, got ${seconds}.`, {
      place: { path: 'every' },
    })
  return (after) => (after < anchor ? anchor + span : anchor + (Math.floor((after - anchor) / span) + 1) * span)
}

const MIN_SPAN = 1000

async function cronInstants({ cron = '', zone = DEFAULT_ZONE }: Timing): Promise<NextInstant> {
  const { Cron } = await import('croner')
  if (!isZone(zone))
    throw new InvalidError(`${JSON.stringify(zone)} is not a time zone.`, {
      place: { path: 'zone' },
      hint: 'Expected a name such as Europe/Berlin, America/New_York or UTC.',
    })
  const options: CronOptions = { timezone: zone, paused: true }
  if (!/^(?:@\w+|\S+(?:\s+\S+){4,5})$/.test(cron.trim())) throw wrongCron(cron, 'expected five or six fields')
  try {
    const job = new Cron(cron, options)
    return (after) => job.nextRun(new Date(after))?.getTime()
  } catch (error) {
    throw wrongCron(cron, (error as Error).message.replace(/^CronPattern: /, ''))
  }
}

const wrongCron = (cron: string, fault: string) =>
  new InvalidError(`The expression \`${cron}\` cannot be read: ${fault}.`, {
    place: { path: 'cron' },
    hint: 'Five fields: minute, hour, day, month, weekday. Every working day at eight: 0 8 * * 1-5',
  })

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined
  } catch {
    return false
  }
}
