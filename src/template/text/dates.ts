/** A date and time as written, not converted to another zone. */
export type WrittenDate = {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly micros: string
  readonly zone: string
}

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d\d:?\d\d)?)?$/
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** Parses ISO-8601. Undefined for other texts. */
export function parseDate(text: string): WrittenDate | undefined {
  const match = text.length > 60 ? null : ISO.exec(text.trim())
  if (!match) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as DateFields
  if (hour > 23 || minute > 59 || second > 60) return undefined
  if (new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day || month < 1 || month > 12) return undefined
  const zone = match[8] === 'Z' ? '+0000' : (match[8] ?? '').replace(':', '')
  return { year, month, day, hour, minute, second, micros: (match[7] ?? '').slice(0, 6).padEnd(6, '0'), zone }
}
type DateFields = [number, number, number, number, number, number]

/** Formats a moment like `strftime`. Unknown directives stay unchanged. */
export function formatDate(moment: WrittenDate, format: string): string {
  return format.replace(/%(-?)([a-zA-Z%])/g, (whole, dash: string, letter: string) => {
    const part = DIRECTIVES[letter]?.(moment)
    return part === undefined ? whole : dash ? part.replace(/^0+(?=\d)/, '') : part
  })
}

const two = (number: number) => String(number).padStart(2, '0')
const twelve = (hour: number) => (hour % 12 === 0 ? 12 : hour % 12)
const weekday = ({ year, month, day }: WrittenDate) => new Date(Date.UTC(year, month - 1, day)).getUTCDay()
const dayOfYear = ({ year, month, day }: WrittenDate) =>
  Math.round((Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 1)) / 86_400_000) + 1

const DIRECTIVES: { readonly [letter: string]: (moment: WrittenDate) => string } = {
  Y: ({ year }) => String(year).padStart(4, '0'),
  y: ({ year }) => two(year % 100),
  m: ({ month }) => two(month),
  d: ({ day }) => two(day),
  e: ({ day }) => String(day).padStart(2, ' '),
  H: ({ hour }) => two(hour),
  I: ({ hour }) => two(twelve(hour)),
  M: ({ minute }) => two(minute),
  S: ({ second }) => two(second),
  f: ({ micros }) => micros,
  p: ({ hour }) => (hour < 12 ? 'AM' : 'PM'),
  B: ({ month }) => MONTHS[month - 1]!,
  b: ({ month }) => MONTHS[month - 1]!.slice(0, 3),
  A: (moment) => DAYS[weekday(moment)]!,
  a: (moment) => DAYS[weekday(moment)]!.slice(0, 3),
  j: (moment) => String(dayOfYear(moment)).padStart(3, '0'),
  z: ({ zone }) => zone,
  Z: ({ zone }) => (zone === '+0000' ? 'UTC' : zone),
  F: (moment) => formatDate(moment, '%Y-%m-%d'),
  T: (moment) => formatDate(moment, '%H:%M:%S'),
  '%': () => '%',
}
