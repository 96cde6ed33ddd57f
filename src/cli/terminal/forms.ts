import { jsonText, singleLine } from './escape.ts'
import type { Terminal } from './terminal.ts'

type Forms = Pick<Terminal, 'json' | 'jsonLine' | 'lines' | 'table'>
type Screen = Pick<Terminal, 'out' | 'outLive' | 'outColors' | 'columns'>

/** The forms in which a terminal prints data for people. */
export const formsOver = (screen: Screen): Forms => ({
  json: (value) => screen.out(jsonText(value, 2)),
  jsonLine: (value) => screen.out(jsonText(value)),
  lines: (texts) => texts.forEach((text) => screen.out(singleLine(text))),
  table: (head, rows, isFailed) => printTable(screen, head, rows, isFailed),
})

type Row = readonly string[]

const GAP = '  '
/** A column is not cut below this width. */
const MIN_COLUMN_WIDTH = 8

function printTable(
  screen: Screen,
  head: Row,
  rows: readonly Row[],
  isFailed: (row: Row) => boolean = () => false,
): void {
  const lines = [head, ...rows.map((row) => row.map(singleLine))]
  const natural = head.map((_, column) => Math.max(...lines.map((row) => row[column]!.length)))
  const widths = screen.outLive ? fitColumns(natural, screen.columns) : natural
  for (const row of lines) {
    const line = row.map((cell, column) => cut(cell, widths[column]!).padEnd(widths[column]!)).join(GAP)
    screen.out(isFailed(row) ? screen.outColors.red(line.trimEnd()) : line.trimEnd())
  }
}

/** Column widths that fit into `room`: the widest columns give way first. */
export function fitColumns(natural: readonly number[], room: number): readonly number[] {
  const widths = [...natural]
  let excess = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) - room
  for (; excess > 0; excess--) {
    const widest = Math.max(...widths)
    if (widest <= MIN_COLUMN_WIDTH) break
    widths[widths.lastIndexOf(widest)]!--
  }
  return widths
}

const cut = (text: string, width: number) => (text.length <= width ? text : `${text.slice(0, width - 1)}…`)
