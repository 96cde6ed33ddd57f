import { InvalidError } from '../../errors.ts'
import { secondsIn, TIME_SPAN_TEXT } from '../../lib/time/span.ts'

/** ms, or a text such as `45s`, `30m`, `2h` or `3d`. */
export type Duration = number | `${number}${'s' | 'm' | 'h' | 'd'}`

/** The ms of a duration. InvalidError for anything else. */
export function msOf(duration: Duration, what: string): number {
  if (typeof duration === 'number' && Number.isFinite(duration) && duration >= 0) return Math.round(duration)
  if (typeof duration === 'string' && TIME_SPAN_TEXT.test(duration)) return Math.round(secondsIn(duration) * 1000)
  throw new InvalidError(
    `The time of ${what}: expected ms, or a text such as 30m, 2h or 3d, got ${JSON.stringify(duration)}.`,
  )
}
