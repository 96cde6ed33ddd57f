import type { Json } from '../../../kernel/schema.ts'
import { mean, ordered, quantile } from '../table/statistics.ts'
import { cellOf, isMissing, numberIn, type Row, type Table, withFields } from '../table/table.ts'

/** Ways to fill what is missing in a column. */
export const FILLS = ['forward_fill', 'backward_fill', 'interpolate', 'mean', 'median'] as const
export type Fill = (typeof FILLS)[number]

/** How what is missing in a column is filled: in one of these ways where that can be, else by a value. */
export type Filling = readonly [column: string, fill: Fill | { readonly value: Json }]

/** The table with what is missing in these columns filled. */
export function fillColumns(table: Table, fillings: readonly Filling[]): Table {
  const filled = fillings.map(([column, fill]) => [column, fillCells(table, column, fill)] as const)
  const rows = table.rows.map((row, index): Row => {
    const changed = filled.filter(([column, cells]) => cells[index] !== cellOf(row, column))
    return changed.length === 0
      ? row
      : withFields(
          row,
          changed.map(([column, cells]) => [column, cells[index]]),
        )
  })
  return { ...table, rows }
}

function fillCells({ rows }: Table, column: string, fill: Filling[1]): Cells {
  const cells = rows.map((row) => cellOf(row, column))
  return typeof fill === 'object' ? cells.map((cell) => (isMissing(cell) ? fill.value : cell)) : WAYS[fill](cells)
}

/** The columns in which something is missing. */
export function gapsIn({ columns, rows }: Table): readonly string[] {
  return columns.filter((column) => rows.some((row) => isMissing(cellOf(row, column))))
}

type Cells = readonly (Json | undefined)[]

const WAYS: { readonly [Name in Fill]: (cells: Cells) => Cells } = {
  forward_fill: fillForward,
  backward_fill: (cells) => fillForward(cells.toReversed()).toReversed(),
  interpolate,
  mean: (cells) => fillWith(cells, mean),
  median: (cells) => fillWith(cells, (numbers) => quantile(ordered(numbers), 0.5)),
}

function fillForward(cells: Cells): Cells {
  let last: Json | undefined
  return cells.map((cell) => {
    if (!isMissing(cell)) last = cell
    return isMissing(cell) ? (last ?? cell) : cell
  })
}

// a column of texts has none
function fillWith(cells: Cells, make: (numbers: readonly number[]) => number): Cells {
  const there = cells.filter((cell) => !isMissing(cell))
  const numbers = there.map(numberIn).filter((number) => number !== undefined)
  if (numbers.length === 0 || numbers.length < there.length) return cells
  const value = make(numbers)
  return cells.map((cell) => (isMissing(cell) ? value : cell))
}

/** A straight line between the numbers on both sides; nothing at the ends. */
function interpolate(cells: Cells): Cells {
  const filled = [...cells]
  let before = -1
  for (const [index, cell] of cells.entries()) {
    const to = numberIn(cell)
    if (to === undefined) {
      if (!isMissing(cell)) before = -1
      continue
    }
    const from = before < 0 ? undefined : numberIn(cells[before])
    if (from !== undefined)
      for (let at = before + 1; at < index; at++) filled[at] = from + ((to - from) * (at - before)) / (index - before)
    before = index
  }
  return filled
}
