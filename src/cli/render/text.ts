import { stripVTControlCharacters } from 'node:util'
import type { FileRef } from '../../lib/media/file-ref.ts'
import { formatSize } from '../../lib/text/format-size.ts'
import type { Colors } from '../terminal/colors.ts'
import { escapeControls } from '../terminal/escape.ts'

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
