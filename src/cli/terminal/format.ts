import { stripVTControlCharacters } from 'node:util'
import type { FileRef } from '../../lib/media/file-ref.ts'
import { formatSize } from '../../lib/text/format-size.ts'
import { quoteWord } from '../../template/text/command-line.ts'
import { type Colors, escapeControls } from './escape.ts'

/** The command line that continues, as a person types it: arguments quoted, with the start of this command. */
export function commandLine(
  args: readonly string[],
  environment: { readonly [name: string]: string | undefined },
): string {
  const start = environment.npm_command === 'exec' ? ['npx', 'antiphon'] : ['antiphon']
  return [...start, ...args.map(shellWord)].join(' ')
}

/** A word of a command line: quoted where a shell would read more into it. */
export function shellWord(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : quoteWord(argument)
}

/** A time span in ms, for people. */
export function formatDuration(ms: number): string {
  if (ms > 0 && ms < 1) return `${ms.toFixed(2)} ms`
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1000)} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** A number with its noun: `1 step`, `2 steps`. */
export function formatCount(number: number, noun: string): string {
  return `${number} ${number === 1 ? noun : `${noun.replace(/([^aeiou])y$/, '$1ie')}s`}`
}

/** A time in ms since the epoch, in local time. */
export function localTime(at: number): string {
  const date = new Date(at - new Date(at).getTimezoneOffset() * 60_000)
  return date.toISOString().slice(0, 19).replace('T', ' ')
}

/** The cost of a model call, which may be small. */
export function formatCost(dollars: number): string {
  return dollars > 0 && dollars < 0.0001 ? '<$0.0001' : `$${dollars.toFixed(4)}`
}

type ShownTokens = { readonly cacheRead?: number | undefined; readonly cacheWrite?: number | undefined }

/** The cached part of an input, such as ` (1.2k from the cache)`; empty if there is none. */
export function cachedText({ cacheRead = 0, cacheWrite = 0 }: ShownTokens): string {
  const parts = [
    ...(cacheRead > 0 ? [`${formatNumber(cacheRead)} from the cache`] : []),
    ...(cacheWrite > 0 ? [`${formatNumber(cacheWrite)} into it`] : []),
  ]
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

/** A number in at most five characters, such as 12.3k. */
export function formatNumber(number: number): string {
  if (number < 1000) return String(number)
  const [unit, letter] = number < 1_000_000 ? [1000, 'k'] : [1_000_000, 'M']
  const short = number / unit
  return `${short < 100 ? Number(short.toFixed(1)) : Math.round(short)}${letter}`
}

/** The number of lines of that width that a text takes; colours take no room. */
export function countLines(columns: number, text: string): number {
  return Math.max(1, Math.ceil(stripVTControlCharacters(text).length / columns))
}

const SIGNS = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]+m|.`, 'gsu')

/** A line cut to that width; its colours still end. */
export function fitLine(line: string, columns: number): string {
  if (countLines(columns, line) === 1) return line
  let room = columns - 1
  const keep = (sign: string) => isColor(sign) || (room -= sign.length) >= 0
  const signs = (line.match(SIGNS) ?? []).filter(keep)
  const last = signs.findLastIndex((sign) => !isColor(sign))
  return signs.toSpliced(last + 1, 0, '…').join('')
}

const isColor = (sign: string) => sign.length > 2

/** The sign of a status word; only a failure has a colour. */
export function statusMark(status: string, colors: Colors): string {
  switch (status) {
    case 'completed':
      return '✓'
    case 'failed':
      return colors.red('✗')
    case 'degraded':
      return '!'
    case 'running':
    case 'working':
      return '▸'
    default:
      return '-'
  }
}

/** A status as people read it; documents say `left` for an actor that was interrupted when its process died. */
export const statusText = (status: string): string => (status === 'left' ? INTERRUPTED : status)

/** The status that a person typed, as documents have it. */
export const statusFromText = (text: string): string => (text === INTERRUPTED ? 'left' : text)

const INTERRUPTED = 'interrupted'

/** A text on one line, cut where it gets long. */
export function oneLine(text: string, length: number): string {
  const line = escapeControls(text.replace(/\s+/g, ' ').trim())
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`
}

/** A file of a message or of a result, for people. */
export const fileLine = ({ name, type, bytes }: Pick<FileRef, 'name' | 'type' | 'bytes'>): string =>
  `file ${oneLine(name, 80)} (${type}, ${formatSize(bytes)})`
