import type { PlacedText } from '../../extension/reader.ts'

type Segment = { readonly x: number; end: number; text: string }
type Row = { readonly y: number; readonly size: number; readonly segments: Segment[] }

/** A gap between columns is wider than this many times the size of the letters; one between words is narrower. */
const COLUMN_GAP = 1.2
const WORD_GAP = 0.15
/** Rows with two columns that a page has at least, the share of a column that prose fills, and its words in a line. */
const MIN_ROWS = 4
const MIN_FILLED = 0.6
const MIN_WORDS = 2.5
/** The distance of two lines of a paragraph, in sizes of letters. */
const MAX_LEADING = 1.9

/** The text of a page. `isUnsure`: its lines may be those of columns that were drawn row by row. */
type PageText = { readonly text: string; readonly isUnsure: boolean }

/**
 * The text of a page in the order in which it is drawn, but two columns of prose that are drawn row by row are read one
 * after the other. The cells of a table stay in their row.
 */
export function textOfPlaced(items: readonly PlacedText[]): PageText {
  const drawn = items.map(({ text, isEnd }) => `${text}${isEnd ? '\n' : ''}`).join('')
  const rows = rowsOf(items)
  const pairs = rows.filter(({ segments }) => segments.length === 2)
  if (pairs.length < MIN_ROWS) return { text: drawn, isUnsure: false }
  const starts = pairs.map(({ segments }) => segments[1]!.x).sort((one, other) => one - other)
  const gutter = starts[starts.length >> 1]!
  const isPair = ({ segments, size }: Row) =>
    segments.length === 2 && Math.abs(segments[1]!.x - gutter) <= 1.5 * size && segments[0]!.end < gutter - 0.5 * size
  const two = rows.filter(isPair)
  const sides = [two.map(({ segments }) => segments[0]!), two.map(({ segments }) => segments[1]!)]
  if (two.length < MIN_ROWS || !sides.every(isWordy)) return { text: drawn, isUnsure: false }
  if (!sides.every(isFilled)) return { text: drawn, isUnsure: true }
  return { text: inColumns(rows, isPair, gutter), isUnsure: false }
}

function rowsOf(items: readonly PlacedText[]): readonly Row[] {
  const rows: Row[] = []
  for (const { text, x, y, width, size } of items) {
    if (text.trim() === '') continue
    const row = rows.at(-1)
    const last = row?.segments.at(-1)
    const end = x + width
    if (!row || !last || Math.abs(row.y - y) > row.size / 2 || x < last.x)
      rows.push({ y, size, segments: [{ x, end, text }] })
    else if (x - last.end > COLUMN_GAP * row.size) row.segments.push({ x, end, text })
    else {
      last.text += `${x - last.end > WORD_GAP * row.size && !/\s$/.test(last.text) ? ' ' : ''}${text}`
      last.end = end
    }
  }
  return rows
}

const average = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length

const isWordy = (side: readonly Segment[]) =>
  average(side.map(({ text }) => text.trim().split(/\s+/).length)) >= MIN_WORDS

function isFilled(side: readonly Segment[]): boolean {
  const widest = Math.max(...side.map(({ x, end }) => end - x))
  return average(side.map(({ x, end }) => end - x)) >= MIN_FILLED * widest
}

/** The rows between the first and the last pair are columns, unless a row reaches over the gap. */
function inColumns(rows: readonly Row[], isPair: (row: Row) => boolean, gutter: number): string {
  const lines: string[] = []
  let [left, right]: [string[], string[]] = [[], []]
  const flush = () => {
    // neither a heading above the columns nor a line below them is a part of their sentences
    if (right.length > 0) lines.push('', ...left, ...right, '')
    ;[left, right] = [[], []]
  }
  for (const [at, row] of rows.entries()) {
    const [first, second] = row.segments
    const isBelow =
      right.length > 0 && row.segments.length === 1 && Math.abs(rows[at - 1]!.y - row.y) < MAX_LEADING * row.size
    if (isPair(row)) {
      left.push(first!.text)
      right.push(second!.text)
    } else if (isBelow && first!.end < gutter) left.push(first!.text)
    else if (isBelow && first!.x >= gutter - row.size) right.push(first!.text)
    else {
      flush()
      lines.push(row.segments.map(({ text }) => text).join(' '))
    }
  }
  flush()
  return lines.join('\n')
}
