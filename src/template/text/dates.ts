/** A date and time as written, not converted to another zone. */
export type WrittenDate = {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly micros: string
  /** as in '+0100'; empty if none is written */
  readonly zone: string
}

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?([Zz]|[+-]\d\d(?::?\d\d)?)?)?$/

/** Parses ISO-8601. Undefined for other texts, and for dates that do not exist. */
export function parseDate(text: string): WrittenDate | undefined {
  const read = readDate(text)
  return typeof read === 'string' ? undefined : read
}

/** Parses ISO-8601, or says why a text is not such a date. */
export function readDate(text: string): WrittenDate | string {
  const match = text.length > 60 ? null : ISO.exec(text.trim())
  if (!match) return 'expected a date such as 2026-11-25 or 2026-11-25T10:30:00Z'
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as DateFields
  if (month < 1 || month > 12) return 'expected a month from 01 to 12'
  const days = new Date(timestampOf({ year, month: month + 1, day: 0 })).getUTCDate()
  if (day < 1 || day > days) return `expected a day from 01 to ${days}, the last day of that month`
  if (hour > 23 || minute > 59 || second > 60) return 'expected a time from 00:00:00 to 23:59:59'
  const zone = zoneOf(match[8] ?? '')
  if (zone === undefined) return 'expected an offset of at most 23:59 hours'
  return { year, month, day, hour, minute, second, micros: (match[7] ?? '').slice(0, 6).padEnd(6, '0'), zone }
}
type DateFields = [number, number, number, number, number, number]

function zoneOf(written: string): string | undefined {
  if (written === '') return ''
  if (written.toUpperCase() === 'Z') return '+0000'
  const digits = written.replace(':', '').padEnd(5, '0')
  return Number(digits.slice(1, 3)) <= 23 && Number(digits.slice(3)) <= 59 ? digits : undefined
}

/** Milliseconds since 1970 at midnight of a day, in UTC; also for years 0 to 99, which `Date.UTC` takes for 1900 on. */
export function timestampOf({ year, month, day }: Pick<WrittenDate, 'year' | 'month' | 'day'>): number {
  return new Date(0).setUTCFullYear(year, month - 1, day)
}

/** The date in UTC of a number of milliseconds since 1970; undefined outside of the years 0 to 9999. */
export function dateOfTimestamp(milliseconds: number): WrittenDate | undefined {
  const year = new Date(milliseconds).getUTCFullYear()
  return year >= 0 && year <= 9999 ? parseDate(new Date(milliseconds).toISOString()) : undefined
}
