import { singleLine } from '../terminal/escape.ts'
import type { Terminal } from '../terminal/terminal.ts'

type Row = readonly string[]

const GAP = '  '
/** A column is not cut below this width. */
const MIN_COLUMN_WIDTH = 8

/**
 * Prints rows under a head on stdout, in columns. A table that is wider than the screen has its widest columns cut; a
 * file or another program gets the whole text. `isFailed` tells which rows are red.
 */
export function printTable(
  terminal: Terminal,
  head: Row,
  rows: readonly Row[],
  isFailed: (row: Row) => boolean = () => false,
): void {
  const lines = [head, ...rows.map((row) => row.map(singleLine))]
  const natural = head.map((_, column) => Math.max(...lines.map((row) => row[column]!.length)))
  const widths = terminal.outLive ? fitColumns(natural, terminal.columns) : natural
  for (const row of lines) {
    const line = row.map((cell, column) => cut(cell, widths[column]!).padEnd(widths[column]!)).join(GAP)
    terminal.out(isFailed(row) ? terminal.outColors.red(line.trimEnd()) : line.trimEnd())
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
