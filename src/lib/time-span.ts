import { z } from 'zod'

const SECONDS: { readonly [unit: string]: number } = { s: 1, m: 60, h: 3600, d: 86_400 }

const EXPECTED = 'expected seconds, or a time such as 30m, 2h or 1d'

/** A time span as people write it: seconds, or a text such as `45s`, `30m`, `2h` or `1d`. Parses to seconds. */
export const timeSpanSchema = z.union(
  [
    z.number().nonnegative(),
    z
      .string()
      .regex(/^\d{1,9}(\.\d{1,3})? *[smhd]$/, EXPECTED)
      .transform((text) => Number.parseFloat(text) * SECONDS[text.at(-1)!]!),
  ],
  { error: EXPECTED },
)
