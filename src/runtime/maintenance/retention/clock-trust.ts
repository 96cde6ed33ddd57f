import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../../engine/engine.ts'
import { type Problem, problemOf, RetryableError } from '../../../errors.ts'
import { attempt } from '../../../lib/flow/attempt.ts'
import { DAY } from './limits.ts'

/** ms after a start during which a clock that is far ahead is not trusted. */
const QUIET = 3_600_000

/** The clock by which old data is removed. */
export interface ClockTrust {
  /** ms since the epoch; the time of the last write while the clock is not trusted */
  now(): number
  /** The time that another clock shows; at most the time of the last write while the clock is not trusted. */
  limit(now: number): number
  /** The reason why the clock is not trusted; undefined when it is. */
  problem(): Problem | undefined
}

/** The last trusted time (ms), and the clock at that moment (`at`). */
type Doubt = { readonly at: number; readonly trusted: number }

/**
 * Creates the clock by which old data is removed. It distrusts the system clock for an hour after a
 * start at which that was more than a day past the last write: with a clock that is
 * ahead, everything would be old. The distrust survives a restart.
 */
export function openTrust(data: string, clock: Pick<Clock, 'now'>, writtenAt: number | undefined): ClockTrust {
  const doubt = findDoubt(data, clock.now(), writtenAt)
  const isIn = () => doubt !== undefined && isDoubtful(doubt, clock.now())
  return {
    now: () => (isIn() ? doubt!.trusted : clock.now()),
    limit: (now) => (isIn() ? Math.min(now, doubt!.trusted) : now),
    problem: () => (isIn() ? problemOf(aheadBy(doubt!)) : undefined),
  }
}

const isDoubtful = ({ at }: Doubt, now: number) => now >= at && now < at + QUIET

function findDoubt(data: string, now: number, writtenAt: number | undefined): Doubt | undefined {
  const earlier = readDoubt(data)
  if (earlier && isDoubtful(earlier, now)) return earlier
  if (earlier) rmSync(doubtIn(data), { force: true })
  if (writtenAt === undefined || now - writtenAt <= DAY) return undefined
  const doubt = { at: now, trusted: writtenAt }
  writeFileSync(doubtIn(data), `${JSON.stringify(doubt)}\n`, { mode: 0o600 })
  return doubt
}

const doubtIn = (data: string) => join(data, 'clock.json')

// there is no record, or a crash left half of it: the time then comes from the files
const readDoubt = (data: string): Doubt | undefined =>
  attempt(() => JSON.parse(readFileSync(doubtIn(data), 'utf8')) as Doubt)

function aheadBy({ at, trusted }: Doubt): RetryableError {
  const days = Math.floor((at - trusted) / DAY)
  const message = `The clock was ${days} days past the last write when this process started: nothing that became old in between is removed for an hour.`
  return new RetryableError(message, {
    code: 'clock_ahead',
    hint: 'Check the clock. To see what would go: antiphon gc --dry-run. To remove it now: antiphon gc',
  })
}

/** Files that a process writes while it uses a data folder. */
const WRITTEN = ['engine.db', 'engine.db-wal', 'seen'] as const

/** A file that retention touches on each pass, because durable data may be elsewhere. */
export const seenIn = (data: string) => join(data, 'seen')

/** The time of the last write to a data folder, ms since the epoch. Read it before this process writes. */
export function lastWritten(data: string): number | undefined {
  const times = WRITTEN.flatMap((name) => statSync(join(data, name), { throwIfNoEntry: false })?.mtimeMs ?? [])
  return times.length === 0 ? undefined : Math.max(...times)
}
