import { attempt } from '../../lib/flow/attempt.ts'
import { errorWordsOf, type ProviderError } from './error-words.ts'

/** A server that names a later time is asked again after a day at the latest. */
const MAX_DELAY_MS = 24 * 3_600_000

/**
 * The ms that a server asks to wait, at most a day; undefined if it names no time in the future. The sources, in this
 * order: `retry-after`, limits that the headers call used up, the words of the body, and limits whose rest the headers
 * do not tell. `now` judges times only where the server does not send its own clock. Pure.
 */
export function retryDelayOf(error: ProviderError, now = 0): number | undefined {
  const headers = lowerCase(error.responseHeaders ?? {})
  const clock = Date.parse(headers.get('date') ?? '') || now
  const limits = limitsIn(headers, clock)
  const sources = [
    () => msOf(headers.get('retry-after-ms')),
    () => retryAfter(headers.get('retry-after'), clock),
    () => longest(limits.filter(({ left }) => left === 'none')),
    () => delayInBody(error, clock),
    () => longest(limits.filter(({ left }) => left === 'unknown')),
  ]
  for (const source of sources) {
    const delay = source()
    if (delay !== undefined && delay > 0) return Math.min(MAX_DELAY_MS, Math.ceil(delay))
  }
  return undefined
}

function lowerCase(headers: NonNullable<ProviderError['responseHeaders']>): ReadonlyMap<string, string> {
  return new Map(Object.entries(headers).flatMap(([name, text]) => (text ? [[name.toLowerCase(), text.trim()]] : [])))
}

const NUMBER = /^\d{1,20}(?:\.\d{1,20})?$/

const msOf = (text = '') => (NUMBER.test(text) ? Number(text) : undefined)

/** A header that was sent twice has two values. */
function retryAfter(text: string | undefined, clock: number): number | undefined {
  if (text === undefined) return undefined
  const whole = timeOf(text, clock)
  return whole ?? largest(text.split(',').map((part) => timeOf(part.trim(), clock)))
}

/** Numbers from here on are seconds since 1970, and from there on milliseconds. */
const FIRST_UNIX_SECONDS = 1e9
const FIRST_UNIX_MS = 1e11

/** Seconds, a duration such as `6m0s`, a time since 1970, or a date. */
function timeOf(text: string, clock: number): number | undefined {
  if (!NUMBER.test(text)) return durationOf(text) ?? untilDate(text, clock)
  const value = Number(text)
  if (value >= FIRST_UNIX_MS) return value - clock
  return value >= FIRST_UNIX_SECONDS ? value * 1000 - clock : value * 1000
}

/** Only texts with a month's name or in ISO form: `Date.parse` takes much else for a date. */
function untilDate(text: string, clock: number): number | undefined {
  const isDate = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text) || /\b(?:GMT|UTC|[+-]\d{4})$/.test(text)
  const at = isDate ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : at - clock
}

const UNITS: readonly (readonly [pattern: string, ms: number])[] = [
  ['ns', 1e-6],
  ['us|µs|μs', 1e-3],
  ['milliseconds?|millis|msecs?|ms', 1],
  ['seconds?|secs?|s', 1000],
  ['minutes?|mins?|m', 60_000],
  ['hours?|hrs?|h', 3_600_000],
  ['days?|d', 86_400_000],
]
const AMOUNT = `(?:\\d{1,15}(?:\\.\\d{1,15})?|an?(?=\\s)|one)\\s{0,3}(?:${UNITS.map(([unit]) => unit).join('|')})(?![a-z])`
const DURATION = `${AMOUNT}(?:(?:,\\s*|\\s+and\\s+|\\s*)${AMOUNT}){0,5}`
const WHOLE_DURATION = new RegExp(`^${DURATION}$`, 'i')
const EACH_AMOUNT = /((?<!\d)\d+(?:\.\d+)?|an?(?=\s)|one)\s*([a-zµμ]+)/gi

const durationOf = (text: string): number | undefined => (WHOLE_DURATION.test(text) ? sumOf(text) : undefined)

function sumOf(text: string): number {
  const amounts = [...text.matchAll(EACH_AMOUNT)].map(
    ([, count = '', unit = '']) => (NUMBER.test(count) ? Number(count) : 1) * msOfUnit(unit),
  )
  // 7.66 s are 7660 ms, without the rest that binary fractions leave
  return Math.round(amounts.reduce((sum, one) => sum + one, 0) * 1e6) / 1e6
}

const msOfUnit = (unit: string) => UNITS.find(([pattern]) => new RegExp(`^(?:${pattern})$`, 'i').test(unit))?.[1] ?? 0

/** A limit of the headers: how long until it is reset, and whether anything is left of it. */
type Limit = { readonly reset: number; readonly left: 'none' | 'some' | 'unknown' }

const isReset = (name: string) => /rate-?limit/.test(name) && name.includes('reset')

function limitsIn(headers: ReadonlyMap<string, string>, clock: number): readonly Limit[] {
  const named = [...headers].flatMap(([name, text]): Limit[] => {
    const reset = isReset(name) ? timeOf(text, clock) : undefined
    return reset === undefined ? [] : [{ reset, left: leftOf(headers.get(remainingName(name))) }]
  })
  return [...named, ...structured(headers.get('ratelimit'), clock)]
}

const remainingName = (name: string) => name.replace('reset', 'remaining').replace(/-after$/, '')

function leftOf(text: string | undefined): Limit['left'] {
  if (text === undefined || !/^-?\d/.test(text)) return 'unknown'
  return Number.parseFloat(text) > 0 ? 'some' : 'none'
}

/** The header `ratelimit` of the drafts of the IETF: `limit=10, remaining=0, reset=30`, or `"default";r=0;t=30`. */
function structured(text = '', clock: number): readonly Limit[] {
  return text.split(/,(?=\s*")/).flatMap((one): Limit[] => {
    const [, left] = /\b(?:remaining|r)=(\d+)/.exec(one) ?? []
    const [, seconds = ''] = /\b(?:reset|t)=(\d+)/.exec(one) ?? []
    const reset = timeOf(seconds, clock)
    return reset === undefined ? [] : [{ reset, left: leftOf(left) }]
  })
}

const longest = (limits: readonly Limit[]) => largest(limits.map(({ reset }) => reset))

function largest(delays: readonly (number | undefined)[]): number | undefined {
  const known = delays.filter((delay) => delay !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}

const MAX_SCANNED_LENGTH = 20_000

/** Fields: Google's `retryDelay`, `retry_after` of several servers, and the time that a model takes to load. */
const RETRY_INFO = /retryDelay\\?"\s*:\s*(?:\\?"(\d+(?:\.\d+)?)s|\{\s*\\?"seconds\\?"\s*:\s*\\?"?(\d+))/
const RETRY_FIELD =
  /"(?:retry_?after(_?ms)?|retry_?after_?sec(?:ond)?s?|estimated_time)\\?"\s*:\s*\\?"?(\d+(?:\.\d+)?)\b/i

function delayInBody(error: ProviderError, clock: number): number | undefined {
  const raw = (error.responseBody ?? jsonOf(error.data) ?? '').slice(0, MAX_SCANNED_LENGTH)
  const [, seconds, whole] = RETRY_INFO.exec(raw) ?? []
  if (seconds ?? whole) return Number(seconds ?? whole) * 1000
  const [, isMs, amount] = RETRY_FIELD.exec(raw) ?? []
  if (amount !== undefined) return Number(amount) * (isMs ? 1 : 1000)
  return delayInWords(errorWordsOf(error).text, clock)
}

const jsonOf = (data: unknown): string | undefined => attempt(() => JSON.stringify(data))

const NEAR = '[^\\n.!?;]{0,60}?'
const LEAD = `\\b(?:try|retry(?:ing)?|wait(?:ing)?|again|available|resets?|reset|renews?)\\b${NEAR}\\b(?:in|after|for|within|wait|least)`
const ABOUT = `\\s*:?\\s*(?:(?:about|approximately|around|at least|another|the next)\\s+)?`
const IN_WORDS = new RegExp(`${LEAD}${ABOUT}(${DURATION})`, 'i')
const WAIT = new RegExp(`\\bwait${ABOUT}(${DURATION})`, 'i')
const BARE = /\bretry[ -]?after\s*[:=]?\s*(\d{1,6}(?:\.\d{1,6})?)(?![\d:./-]*\w)/i
const AT_DATE =
  /\b(?:try|retry|again|available|resets?)\b[^\n;]{0,60}?\b(?:at|on|after|until)\s+(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:\s?UTC|Z|[+-]\d\d:?\d\d)?)/i

/** The time that sentences name, such as `try again in 6m0s` or `retry after 30 seconds`. */
function delayInWords(text: string, clock: number): number | undefined {
  const [, duration] = IN_WORDS.exec(text) ?? WAIT.exec(text) ?? []
  if (duration !== undefined) return sumOf(duration)
  const [, date] = AT_DATE.exec(text) ?? []
  if (date !== undefined) return Date.parse(/(?:Z|UTC|[+-]\d\d:?\d\d)$/.test(date) ? date : `${date}Z`) - clock
  const [, seconds] = BARE.exec(text) ?? []
  return seconds === undefined ? undefined : Number(seconds) * 1000
}
