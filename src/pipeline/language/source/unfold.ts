import type { Scalar } from 'yaml'
import type { Position } from '../diagnostics/finding.ts'
import { countBelow, lineStarts } from './lines.ts'

/** Where the letters of a value stand, in itself and in the text it was written in. */
type Letters = {
  readonly lines: readonly number[]
  readonly own: readonly number[]
  readonly written: readonly number[]
}

// all findings of one text ask for them
const known = new WeakMap<Scalar, Letters>()

/**
 * The offset of a place of a value in the text it was written in. Lines are folded and letters escaped, but YAML keeps all that is no blank,
 * and its order: so the place is behind as many of them here as there.
 */
export function offsetWritten(node: Scalar, text: string, { line, column }: Position): number | undefined {
  const letters = known.get(node) ?? lettersOf(node, text)
  known.set(node, letters)
  const { lines, own, written } = letters
  if (own.length !== written.length) return undefined
  const offset = (lines[line - 1] ?? 0) + column - 1
  return written[countBelow(own, offset)]
}

function lettersOf(node: Scalar, text: string): Letters {
  const value = String(node.value)
  const own = [...value.matchAll(/\S/g)].map(({ index }) => index)
  return { lines: lineStarts(value), own, written: lettersWritten(node, text) }
}

function lettersWritten({ type, range }: Scalar, text: string): readonly number[] {
  const [start, end] = range!
  switch (type) {
    case 'BLOCK_FOLDED':
      return lettersIn(text, text.indexOf('\n', start), end, /\S/g)
    case 'QUOTE_SINGLE':
      return lettersIn(text, start + 1, end - 1, /''|\S/g)
    case 'QUOTE_DOUBLE':
      return lettersIn(text, start + 1, end - 1, ESCAPE)
    default:
      return lettersIn(text, start, end, /\S/g)
  }
}

const ESCAPE = /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[\s\S])|\S/g

/** The offsets of letters in a stretch of a text; one of two halves has two. */
function lettersIn(text: string, start: number, end: number, sign: RegExp): readonly number[] {
  return [...text.slice(start, end).matchAll(sign)].flatMap(({ 0: written, index }) =>
    Array.from({ length: countIn(written) }, () => start + index),
  )
}

/** How many letters of the value that stands for. */
function countIn(written: string): number {
  if (!written.startsWith('\\')) return 1
  const code = /^\\[xuU](.+)/.exec(written)?.[1]
  if (code === undefined) return /^\\[\s_ntrvfLP]/.test(written) ? 0 : 1
  const letters = String.fromCodePoint(Math.min(Number.parseInt(code, 16), 0x10ffff))
  return /^\s$/.test(letters) ? 0 : letters.length
}
