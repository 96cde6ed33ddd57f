import { z } from 'zod'
import type { Plain } from '../document.ts'

const EVERY_MS = 60_000
const MINUTES_OF_DAY = 1440
/** Minutes of a point in the series of a day. */
const WIDE = 15
/** Lines of a process, which take 5.8 KB each: further pools have none. */
const MAX_LINES = 300

export const SERIES_SPANS = ['hour', 'day'] as const

export const seriesDocument = z
  .object({
    every: z.number().meta({ description: 'ms between two points' }),
    until: z.number().meta({ description: 'time of the last point, ms since the epoch' }),
    lines: z.array(
      z.object({
        name: z.string().meta({
          description:
            '`turns`, `commits`, `done` and `cpu` (seconds) count a minute; `active`, `mail`, `memory` (MiB, with the processes of calls), `running` and `queued` are levels',
        }),
        pool: z.string().nullable(),
        values: z
          .array(z.number().nullable())
          .meta({ description: 'the oldest first; null: this process did not look' }),
      }),
    ),
  })
  .meta({ id: 'Series' })

/** The numbers of a process, by minutes or quarters of an hour. */
export type SeriesDocument = Plain<typeof seriesDocument>

/** A value of a moment. `total`: it only grows, and what it grew by in a minute counts. */
export type SeriesValue = {
  readonly name: string
  readonly pool?: string
  readonly value: number
  readonly total?: true
}

type Line = { readonly name: string; readonly pool: string | null; readonly values: Float32Array; before?: number }

/** Keeps what a process does each minute for a day, in at most 2 MB. */
interface Series {
  /** Looks once a minute until `stop`. */
  begin(): void
  /** Looks now. */
  look(): void
  read(span?: (typeof SERIES_SPANS)[number]): SeriesDocument
  stop(): void
}

/** `sample`: the values of this moment. */
export function createSeries(sample: () => readonly SeriesValue[], now: () => number = Date.now): Series {
  const lines = new Map<string, Line>()
  let newest = minuteOf(now())
  let timer: ReturnType<typeof setInterval> | undefined

  function lineOf({ name, pool }: SeriesValue): Line | undefined {
    const key = `${pool ?? ''}/${name}`
    const known = lines.get(key)
    if (known || lines.size >= MAX_LINES) return known
    const line: Line = { name, pool: pool ?? null, values: new Float32Array(MINUTES_OF_DAY).fill(Number.NaN) }
    lines.set(key, line)
    return line
  }

  /** The minutes between two looks have no values. A clock that was set back writes over what it had. */
  function forgetBetween(minute: number): void {
    const passed = Math.min(MINUTES_OF_DAY, Math.max(1, minute - newest))
    for (const { values } of lines.values())
      for (let back = 0; back < passed; back++) values[slotOf(minute - back)] = Number.NaN
    newest = minute
  }

  function look(): void {
    const minute = minuteOf(now())
    if (minute !== newest) forgetBetween(minute)
    for (const one of sample()) {
      const { value, total } = one
      const line = lineOf(one)
      if (!line) continue
      const grown = line.before === undefined ? Number.NaN : value - line.before
      line.values[slotOf(minute)] = total ? grown : value
      line.before = value
    }
  }

  return {
    look,
    begin() {
      timer = setInterval(look, EVERY_MS).unref()
    },
    read(span = 'hour') {
      const [width, count] = span === 'hour' ? [1, 60] : [WIDE, MINUTES_OF_DAY / WIDE]
      const values = (line: Line) =>
        Array.from({ length: count }, (_, at) => meanOf(line.values, newest - (count - at) * width + 1, width))
      return {
        every: width * EVERY_MS,
        until: newest * EVERY_MS,
        lines: [...lines.values()].map((line) => ({ name: line.name, pool: line.pool, values: values(line) })),
      }
    },
    stop: () => clearInterval(timer),
  }
}

const minuteOf = (at: number) => Math.floor(at / EVERY_MS)
const slotOf = (minute: number) => ((minute % MINUTES_OF_DAY) + MINUTES_OF_DAY) % MINUTES_OF_DAY

/** The mean of the minutes that have a value. */
function meanOf(values: Float32Array, from: number, width: number): number | null {
  const known = Array.from({ length: width }, (_, at) => values[slotOf(from + at)]!).filter((one) => !Number.isNaN(one))
  return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0) / known.length
}
