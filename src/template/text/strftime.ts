import { timestampOf, type WrittenDate } from './dates.ts'

/** The first fault of a format: a directive that does not exist, or none at all. Undefined if there is none. */
export function describeFormatFault(format: string): string | undefined {
  if (!format.includes('%')) return `expected a format with directives such as %Y, got '${format.slice(0, 40)}'`
  for (const [directive, , letter] of format.matchAll(DIRECTIVE))
    if (letter === undefined || !Object.hasOwn(DIRECTIVES, letter))
      return `there is no directive '${directive}' (a percent sign is written %%)`
  return undefined
}

/** All directives, for hints. */
export const knownDirectives = () => Object.keys(DIRECTIVES).map((letter) => `%${letter}`)

/** Formats a moment like `strftime` with the names of English. Expects only known directives. */
export function formatDate(moment: WrittenDate, format: string): string {
  return format.replace(DIRECTIVE, (directive, flag: string, letter: string) => {
    const part = DIRECTIVES[letter]?.(moment) ?? directive
    return flag === '' ? part : (FLAGS[flag]?.(part) ?? part)
  })
}

const DIRECTIVE = /%([-_0^]?)(:?[a-zA-Z%])?/g

/** `-` removes the padding of a number, `_` pads it with spaces, `0` with zeros, `^` writes upper case. */
const FLAGS: { readonly [flag: string]: (part: string) => string } = {
  '-': (part) => part.replace(/^[0 ]+(?=\d)/, ''),
  _: (part) => part.replace(/^0+(?=\d)/, (zeros) => ' '.repeat(zeros.length)),
  '0': (part) => part.replace(/^ +(?=\d)/, (spaces) => '0'.repeat(spaces.length)),
  '^': (part) => part.toUpperCase(),
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
]
const DAY_MS = 86_400_000

const two = (number: number) => String(number).padStart(2, '0')
const spaced = (number: number) => String(number).padStart(2, ' ')
const twelve = (hour: number) => (hour % 12 === 0 ? 12 : hour % 12)
const weekday = (moment: WrittenDate) => new Date(timestampOf(moment)).getUTCDay()
/** 1 is Monday, 7 is Sunday. */
const isoWeekday = (moment: WrittenDate) => weekday(moment) || 7
/** 0 is the first of January. */
const dayOfYear = (moment: WrittenDate) => (timestampOf(moment) - timestampOf({ ...moment, month: 1, day: 1 })) / DAY_MS
const sundayWeek = (moment: WrittenDate) => Math.floor((dayOfYear(moment) + 7 - weekday(moment)) / 7)
const mondayWeek = (moment: WrittenDate) => Math.floor((dayOfYear(moment) + 8 - isoWeekday(moment)) / 7)

/** The year and week of ISO-8601: those of the Thursday of the same week. */
function isoWeek(moment: WrittenDate): { readonly year: number; readonly week: number } {
  const thursday = timestampOf({ ...moment, day: moment.day + 4 - isoWeekday(moment) })
  const year = new Date(thursday).getUTCFullYear()
  return { year, week: Math.floor((thursday - timestampOf({ year, month: 1, day: 1 })) / (7 * DAY_MS)) + 1 }
}

/** Seconds since 1970. A time without a zone is in UTC. */
function epochSeconds(moment: WrittenDate): number {
  const { hour, minute, second, zone } = moment
  const sign = zone.startsWith('-') ? -1 : 1
  const offset = zone === '' ? 0 : sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3)))
  return timestampOf(moment) / 1000 + hour * 3600 + (minute - offset) * 60 + second
}

const year4 = (year: number) => String(year).padStart(4, '0')
const DIRECTIVES: { readonly [letter: string]: (moment: WrittenDate) => string } = {
  Y: ({ year }) => year4(year),
  y: ({ year }) => two(year % 100),
  C: ({ year }) => two(Math.floor(year / 100)),
  m: ({ month }) => two(month),
  B: ({ month }) => MONTHS[month - 1]!,
  b: ({ month }) => MONTHS[month - 1]!.slice(0, 3),
  h: ({ month }) => MONTHS[month - 1]!.slice(0, 3),
  d: ({ day }) => two(day),
  e: ({ day }) => spaced(day),
  j: (moment) => String(dayOfYear(moment) + 1).padStart(3, '0'),
  A: (moment) => DAYS[weekday(moment)]!,
  a: (moment) => DAYS[weekday(moment)]!.slice(0, 3),
  u: (moment) => String(isoWeekday(moment)),
  w: (moment) => String(weekday(moment)),
  G: (moment) => year4(isoWeek(moment).year),
  g: (moment) => two(isoWeek(moment).year % 100),
  V: (moment) => two(isoWeek(moment).week),
  U: (moment) => two(sundayWeek(moment)),
  W: (moment) => two(mondayWeek(moment)),
  H: ({ hour }) => two(hour),
  k: ({ hour }) => spaced(hour),
  I: ({ hour }) => two(twelve(hour)),
  l: ({ hour }) => spaced(twelve(hour)),
  M: ({ minute }) => two(minute),
  S: ({ second }) => two(second),
  f: ({ micros }) => micros,
  p: ({ hour }) => (hour < 12 ? 'AM' : 'PM'),
  P: ({ hour }) => (hour < 12 ? 'am' : 'pm'),
  s: (moment) => String(epochSeconds(moment)),
  z: ({ zone }) => zone,
  ':z': ({ zone }) => zone.replace(/(\d\d)$/, ':$1'),
  Z: ({ zone }) => (zone === '+0000' ? 'UTC' : zone),
  c: (moment) => formatDate(moment, '%a %b %e %H:%M:%S %Y'),
  x: (moment) => formatDate(moment, '%m/%d/%y'),
  X: (moment) => formatDate(moment, '%H:%M:%S'),
  D: (moment) => formatDate(moment, '%m/%d/%y'),
  F: (moment) => formatDate(moment, '%Y-%m-%d'),
  R: (moment) => formatDate(moment, '%H:%M'),
  T: (moment) => formatDate(moment, '%H:%M:%S'),
  r: (moment) => formatDate(moment, '%I:%M:%S %p'),
  n: () => '\n',
  t: () => '\t',
  '%': () => '%',
}
