import { z } from 'zod'
import { secondsIn, TIME_SPAN_EXPECTED, TIME_SPAN_TEXT } from './span.ts'

/** A time span as people write it: seconds, or a text such as `45s`, `30m`, `2h` or `1d`. Parses to seconds. */
export const timeSpanSchema = z.union(
  [z.number().nonnegative(), z.string().regex(TIME_SPAN_TEXT, TIME_SPAN_EXPECTED).transform(secondsIn)],
  { error: TIME_SPAN_EXPECTED },
)
