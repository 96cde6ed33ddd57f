import { InvalidError } from '../errors.ts'
import { attempt } from '../lib/flow/attempt.ts'
import type { Timing } from './definition.ts'

/** The instants of a schedule; all times are ms since the epoch. */
export type Instants = {
  /** the first one after a time; undefined: it is never due again */
  readonly next: (after: number) => number | undefined
  /** how many there are after a time, up to another one */
  readonly count: (after: number, to: number) => number
}

/** The zone of `cron` without one. */
export const DEFAULT_ZONE = 'UTC'

/**
 * Instants of a schedule. `every` counts from `anchor`, and `cron` follows the clock of its zone.
 * @throws InvalidError for an expression or a time zone that is wrong, and `schedule_never_due`
 */
export async function instantsOf(timing: Timing, anchor: number): Promise<Instants> {
  const instants = timing.every === undefined ? await readTiming(timing) : spanInstants(timing.every, anchor)
  if (instants.next(anchor) !== undefined) return instants
  throw new InvalidError(`The schedule \`${timing.cron}\` is never due.`, {
    code: 'schedule_never_due',
    place: { path: 'cron' },
    hint: 'Check the day and the month: 30 February does not exist.',
  })
}

/** The next instants after a time, at most `count`, and none after `to`. */
export function instantsAfter(
  { next }: Pick<Instants, 'next'>,
  after: number,
  count: number,
  to = Number.POSITIVE_INFINITY,
): readonly number[] {
  const found: number[] = []
  for (let at = next(after); at !== undefined && at <= to && found.length < count; at = next(at)) found.push(at)
  return found
}

function spanInstants(seconds: number, anchor: number): Instants {
  const span = Math.round(seconds * 1000)
  if (span < MIN_SPAN)
    throw new InvalidError(`Expected at least ${MIN_SPAN / 1000} second between two instants, got ${seconds}.`, {
      place: { path: 'every' },
    })
  const done = (at: number) => Math.max(0, Math.floor((at - anchor) / span))
  return {
    next: (after) => anchor + (done(after) + 1) * span,
    count: (after, to) => Math.max(0, done(to) - done(after)),
  }
}

const MIN_SPAN = 1000

async function readTiming({ cron = '', zone = DEFAULT_ZONE }: Timing): Promise<Instants> {
  // only a folder that has a schedule loads the reader of expressions
  const [{ readCron }, { cronInstants }] = await Promise.all([import('./cron.ts'), import('./cron-instants.ts')])
  if (!isZone(zone))
    throw new InvalidError(`${JSON.stringify(zone)} is not a time zone.`, {
      place: { path: 'zone' },
      hint: 'Expected a name such as Europe/Berlin, America/New_York or UTC.',
    })
  try {
    return cronInstants(readCron(cron), zone)
  } catch (error) {
    throw wrongCron(cron, (error as Error).message.replace(/^CronPattern: /, ''))
  }
}

const wrongCron = (cron: string, fault: string) =>
  new InvalidError(`The expression \`${cron}\` cannot be read: ${fault}.`, {
    place: { path: 'cron' },
    hint: 'Five fields: minute, hour, day, month, weekday. Every working day at eight: 0 8 * * 1-5',
  })

const isZone = (zone: string): boolean =>
  attempt(() => new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined, false)
