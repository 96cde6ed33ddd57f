import { InvalidError } from '../../errors.ts'
import { secondsIn, TIME_SPAN_TEXT } from '../../lib/time/span.ts'

/** ms, or a text such as `50ms`, `45s`, `30m`, `2h`, `3d` or `1w`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd' | 'w'}`

/** The ms of a duration. InvalidError for anything else. */
export function msOf(duration: Duration, what: string): number {
  if (typeof duration === 'number' && Number.isFinite(duration) && duration >= 0) return Math.round(duration)
  if (typeof duration === 'string') {
    const ms = msIn(duration)
    if (ms !== undefined) return ms
  }
  throw new InvalidError(
    `The time of ${what}: expected ms, or a text such as 30m, 2h or 3d, got ${asWritten(duration)}.`,
  )
}

const WEEK_MS = 7 * 24 * 60 * 60 * 1000

function msIn(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,15}(?:\.\d{1,15})?)(ms|w)$/.exec(text) ?? []
  if (unit !== undefined) return Math.round(Number(amount) * (unit === 'w' ? WEEK_MS : 1))
  return TIME_SPAN_TEXT.test(text) ? Math.round(secondsIn(text) * 1000) : undefined
}

/** The latest time of a Date. */
const LATEST_MS = 8.64e15

/** The ms since the epoch of a time to which a run sleeps. InvalidError for anything else. */
export function timeOfWaking(time: Date | number, what: string): number {
  const ms = time instanceof Date || typeof time === 'number' ? Number(time) : Number.NaN
  if (Math.abs(ms) <= LATEST_MS) return ms
  const hint = typeof time === 'string' ? `Write new Date(${JSON.stringify(time)}).` : undefined
  throw new InvalidError(`The time of ${what}: expected a Date, or ms since the epoch, got ${asWritten(time)}.`, {
    ...(hint !== undefined && { hint }),
  })
}

/** A value as its caller wrote it. */
export function asWritten(value: unknown): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'a Date without a time (Invalid Date)' : 'a Date'
  if (typeof value === 'string') return JSON.stringify(value.slice(0, MAX_WRITTEN))
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'a map'
  return typeof value === 'function' ? 'a function' : String(value)
}
const MAX_WRITTEN = 200
