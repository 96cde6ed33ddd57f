import type { TemplatePosition } from '../syntax.ts'
import { reportOr, syntaxError, type TemplateSource } from './source.ts'
import { readTokens, type TemplateToken, type TokenList } from './tokens.ts'

/** A template split at its tags, without comments and with trimmed whitespace. */
export type TemplateSegment =
  | { readonly type: 'text'; readonly text: string; readonly at: TemplatePosition }
  | { readonly type: 'output' | 'block'; readonly tokens: readonly TemplateToken[]; readonly at: TemplatePosition }

type Cutter = { readonly source: TemplateSource; readonly segments: TemplateSegment[]; from: number }

const OPENING = /\{[{%#]/g
const END_RAW = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g

/** Splits like Jinja with trim_blocks, lstrip_blocks, and the last newline kept. */
export function cutSegments(source: TemplateSource): readonly TemplateSegment[] {
  const cutter: Cutter = { source, segments: [], from: 0 }
  for (;;) {
    const opening = find(OPENING, source.text, cutter.from)
    addText(cutter, opening?.index ?? source.text.length, opening ? leftTrim(source.text, opening.index) : '+')
    if (!opening) return cutter.segments
    if (opening[0] === '{#') takeComment(cutter, opening.index)
    else takeTag(cutter, opening.index, opening[0])
  }
}

/** '-' trims all whitespace, '' the indentation of a block, '+' nothing. */
function leftTrim(text: string, open: number): string {
  const sign = text[open + 2]
  if (sign === '-' || sign === '+') return sign
  return text[open + 1] === '{' ? '+' : ''
}

function addText({ source, segments, from }: Cutter, to: number, trim: string): void {
  const raw = source.text.slice(from, to)
  const text = trim === '-' ? raw.trimEnd() : trim === '' ? withoutIndent(source.text, from, raw) : raw
  if (text !== '') segments.push({ type: 'text', text, at: source.locate(from) })
}

function withoutIndent(source: string, from: number, text: string): string {
  let end = text.length
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--
  const startsLine = end > 0 ? text[end - 1] === '\n' : from === 0 || source[from - 1] === '\n'
  return startsLine ? text.slice(0, end) : text
}

function takeTag(cutter: Cutter, open: number, opening: string): void {
  const { source, segments } = cutter
  const closing = opening === '{{' ? '}}' : '%}'
  const start = open + 2 + (/[-+]/.test(source.text[open + 2] ?? '') ? 1 : 0)
  const read = () => readTokens(source, start, { closing, opened: open })
  const { tokens, end, trim } = reportOr(opening === '{{' ? source.onFault : undefined, read, () => skip(source, start))
  const raw = closing === '%}' && tokens[0]!.text === 'raw' && tokens.length === 2
  if (!raw) segments.push({ type: closing === '}}' ? 'output' : 'block', tokens, at: source.locate(open) })
  cutter.from = raw ? end : afterTag(source.text, end, trim || (closing === '}}' ? '+' : ''))
  if (raw) takeRaw(cutter, open, trim)
}

/** An empty output, up to the next closing mark. */
function skip({ text, locate }: TemplateSource, start: number): TokenList {
  const close = text.indexOf('}}', start)
  const none = [
    { type: 'name', text: 'none', at: locate(start) },
    { type: 'end', text: '', at: locate(start) },
  ] as const
  return { tokens: none, end: close < 0 ? text.length : close + 2, trim: '' }
}

function takeComment(cutter: Cutter, open: number): void {
  const { text, locate } = cutter.source
  const close = text.indexOf('#}', open + 2)
  if (close < 0) throw syntaxError("this '{#' is never closed", locate(open), "add '#}'")
  cutter.from = afterTag(text, close + 2, close > open + 2 && /[-+]/.test(text[close - 1]!) ? text[close - 1]! : '')
}

function takeRaw(cutter: Cutter, open: number, trim: string): void {
  const { text, locate } = cutter.source
  const close = find(END_RAW, text, cutter.from)
  if (!close) throw syntaxError("'{% raw %}' is never closed", locate(open), "add '{% endraw %}'")
  cutter.from = afterTag(text, cutter.from, trim || '+')
  addText(cutter, Math.max(close.index, cutter.from), close[1]!)
  cutter.from = afterTag(text, close.index + close[0].length, close[2]!)
}

/** '-' trims all whitespace behind the tag, '' one newline, '+' nothing. */
function afterTag(text: string, end: number, trim: string): number {
  if (trim === '-') return text.length - text.slice(end).trimStart().length
  if (trim === '+') return end
  if (text[end] === '\n') return end + 1
  return text.startsWith('\r\n', end) ? end + 2 : end
}

function find(pattern: RegExp, text: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from
  return pattern.exec(text)
}
