import { signal } from '@preact/signals'

/** The time, for durations that grow and for moments, which depend on the day. `live.ts` moves it. */
export const now = signal(Date.now())

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A span of time in its two largest units: `1 m 04 s`. */
export function formatSpan(ms: number): string {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 10 * SECOND) return `${(ms / SECOND).toFixed(1)} s`
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} m ${pad((ms % MINUTE) / SECOND)} s`
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h ${pad((ms % HOUR) / MINUTE)} m`
  return `${Math.floor(ms / DAY)} d ${pad((ms % DAY) / HOUR)} h`
}

const pad = (value: number) => String(Math.floor(value)).padStart(2, '0')

/** Dollars; small amounts keep two digits that count. */
export function formatMoney(dollars: number | undefined): string {
  if (dollars === undefined) return ''
  if (dollars === 0) return '$0'
  if (dollars < 0.01) return `$${dollars.toPrecision(2)}`
  return `$${dollars.toFixed(2)}`
}

/** Bytes in the largest unit that fits. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 ** 2) return `${Math.round(bytes / 1024)} KiB`
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`
}

/** A count that is easy to compare: `12.3k`. */
export function formatCount(count: number): string {
  if (count < 1000) return String(count)
  if (count < 1_000_000) return `${(count / 1000).toFixed(count < 10_000 ? 1 : 0)}k`
  return `${(count / 1_000_000).toFixed(1)}M`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A moment in the zone of the reader: today without its date, this year without the year. */
export function formatMoment(ms: number): string {
  const date = new Date(ms)
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`
  const today = new Date(now.value)
  if (today.toDateString() === date.toDateString()) return time
  if (today.getFullYear() === date.getFullYear())
    return `${date.getDate()} ${MONTHS[date.getMonth()]} ${time.slice(0, 5)}`
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${time.slice(0, 5)}`
}

/** A sentence of the server whose moments are those of the zone of the reader. */
export const inLocalTime = (text: string): string =>
  text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (moment) => formatMoment(Date.parse(moment)))

/** How long ago something was. */
export function formatAgo(ms: number): string {
  const span = now.value - ms
  return span < 2000 ? 'just now' : `${formatSpan(span).replace(/(\d)\.\d s/, '$1 s')} ago`
}

export const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`

/** The values of a map by name; another value is shown whole. */
export function namedValues(value: unknown): readonly (readonly [name: string, value: unknown])[] {
  if (value === undefined || value === null) return []
  return typeof value === 'object' && !Array.isArray(value) ? Object.entries(value) : [['input', value]]
}

/** JSON for people: a text as it is. */
export const asText = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '')

/** A sentence with a capital at its begin. */
export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const DOORS: { readonly [through: string]: string } = {
  cli: 'the command line',
  ui: 'the dashboard',
  http: 'HTTP',
  link: 'a link',
  mcp: 'MCP',
  chat: 'a chat',
  program: 'the program',
}

/** The door through which a person said something, in words. */
export const doorOf = ({ through }: { readonly through: string }): string => DOORS[through] ?? through

/**
 * What a person typed as an answer of that type. A text that is not a number goes as it is, so the server says what it
 * expects. An Error for text that is not JSON, where JSON is needed.
 */
export function typedAnswer(type: string, text: string): unknown {
  if (type === 'number') return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text)
  if (type !== 'any' && type !== 'answers') return text
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('Expected JSON, such as "yes", 12 or {"city": "Kiel"}.')
  }
}

/** The lines of the stack of an error that say what caused it. */
export const causesIn = (stack = ''): readonly string[] =>
  stack.split('\n').filter((line) => line.startsWith('caused by '))

/** Whether an item has each word of a text, in one of its values. Pure. */
export function hasWords(item: object, text: string): boolean {
  const whole = textIn({ ...item, expects: '' }).toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => whole.includes(word))
}

const textIn = (value: unknown): string =>
  typeof value === 'object' && value !== null ? Object.values(value).map(textIn).join('\n') : String(value)
