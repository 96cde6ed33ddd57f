import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../../engine/engine.ts'
import { type Problem, problemOf, RetryableError } from '../../../errors.ts'
import { DAY } from './limits.ts'

/** ms after a start in which a clock that is far ahead is not believed. */
const QUIET = 3_600_000

/** The clock of retention. */
export interface Trust {
  /** ms; the last written time while the clock is not believed */
  now(): number
  /** Why the clock is not believed; undefined when it is. */
  problem(): Problem | undefined
}

/** A clock that was at `at` when the last written time was `trusted`; ms. */
type Doubt = { readonly at: number; readonly trusted: number }

/**
 * Believes the clock, except for an hour after a start at which it was more than a day past the last written time: a clock that is ahead would
 * have everything removed. The doubt outlives a restart.
 */
export function openTrust(data: string, clock: Pick<Clock, 'now'>, writtenAt: number | undefined): Trust {
  const doubt = findDoubt(data, clock.now(), writtenAt)
  const isIn = () => doubt !== undefined && isDoubtful(doubt, clock.now())
  return {
    now: () => (isIn() ? doubt!.trusted : clock.now()),
    problem: () => (isIn() ? problemOf(aheadBy(doubt!)) : undefined),
  }
}

const isDoubtful = ({ at }: Doubt, now: number) => now >= at && now < at + QUIET

function findDoubt(data: string, now: number, writtenAt: number | undefined): Doubt | undefined {
  const kept = readDoubt(data)
  if (kept && isDoubtful(kept, now)) return kept
  if (kept) rmSync(doubtIn(data), { force: true })
  if (writtenAt === undefined || now - writtenAt <= DAY) return undefined
  const doubt = { at: now, trusted: writtenAt }
  writeFileSync(doubtIn(data), `${JSON.stringify(doubt)}\n`, { mode: 0o600 })
  return doubt
}

const doubtIn = (data: string) => join(data, 'clock.json')

function readDoubt(data: string): Doubt | undefined {
  try {
    return JSON.parse(readFileSync(doubtIn(data), 'utf8')) as Doubt
  } catch {
    // there is none, or a crash left half of it: the next one is found by the files
    return undefined
  }
}

function aheadBy({ at, trusted }: Doubt): RetryableError {
  const days = Math.floor((at - trusted) / DAY)
  const message = `the clock was ${days} days past the last write when this process started: nothing that became old in between is removed for an hour`
  return new RetryableError(message, {
    code: 'clock_ahead',
    hint: 'Check the clock. To see what would go: antiphon gc --dry-run. To remove it now: antiphon gc',
  })
}

/** Files that a process writes while it uses a data folder. */
const WRITTEN = ['engine.db', 'engine.db-wal', 'seen'] as const

/** A file that retention touches on each pass, because durable data may be elsewhere. */
export const seenIn = (data: string) => join(data, 'seen')

/** When anything was last written into a data folder, ms since the epoch; asked before this process writes. */
export function lastWritten(data: string): number | undefined {
  const times = WRITTEN.flatMap((name) => statSync(join(data, name), { throwIfNoEntry: false })?.mtimeMs ?? [])
  return times.length === 0 ? undefined : Math.max(...times)
}
