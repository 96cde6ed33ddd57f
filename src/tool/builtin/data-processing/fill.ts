import type { Json } from '../../../kernel/schema.ts'
import { mean, quantile, sortNumbers } from '../table/statistics.ts'
import { cellOf, isMissingCell, parseCellNumber, setFields, type Table, type TableRow } from '../table/table.ts'

export const FILL_METHODS = ['forward_fill', 'backward_fill', 'interpolate', 'mean', 'median'] as const
export type FillMethod = (typeof FILL_METHODS)[number]

/**
 * How to fill the gaps of a column: by a method, or by a fixed value. A method that does not apply
 * leaves the gaps.
 */
export type ColumnFill = readonly [column: string, fill: FillMethod | { readonly value: Json }]

export function fillColumns(table: Table, fillings: readonly ColumnFill[]): Table {
  const filled = fillings.map(([column, fill]) => [column, fillCells(table, column, fill)] as const)
  const rows = table.rows.map((row, index): TableRow => {
    const changed = filled.filter(([column, cells]) => cells[index] !== cellOf(row, column))
    return changed.length === 0
      ? row
      : setFields(
          row,
          changed.map(([column, cells]) => [column, cells[index]]),
        )
  })
  return { ...table, rows }
}

function fillCells({ rows }: Table, column: string, fill: ColumnFill[1]): ColumnCells {
  const cells = rows.map((row) => cellOf(row, column))
  return typeof fill === 'object'
    ? cells.map((cell) => (isMissingCell(cell) ? fill.value : cell))
    : FILL_FUNCTIONS[fill](cells)
}

/** The columns with missing values. */
export function columnsWithGaps({ columns, rows }: Table): readonly string[] {
  return columns.filter((column) => rows.some((row) => isMissingCell(cellOf(row, column))))
}

type ColumnCells = readonly (Json | undefined)[]

const FILL_FUNCTIONS: { readonly [Name in FillMethod]: (cells: ColumnCells) => ColumnCells } = {
  forward_fill: fillForward,
  backward_fill: (cells) => fillForward(cells.toReversed()).toReversed(),
  interpolate,
  mean: (cells) => fillWith(cells, mean),
  median: (cells) => fillWith(cells, (numbers) => quantile(sortNumbers(numbers), 0.5)),
}

function fillForward(cells: ColumnCells): ColumnCells {
  let last: Json | undefined
  return cells.map((cell) => {
    if (!isMissingCell(cell)) last = cell
    return isMissingCell(cell) ? (last ?? cell) : cell
  })
}

// a column of texts has no mean
function fillWith(cells: ColumnCells, make: (numbers: readonly number[]) => number): ColumnCells {
  const there = cells.filter((cell) => !isMissingCell(cell))
  const numbers = there.map(parseCellNumber).filter((number) => number !== undefined)
  if (numbers.length === 0 || numbers.length < there.length) return cells
  const value = make(numbers)
  return cells.map((cell) => (isMissingCell(cell) ? value : cell))
}

/** Linear interpolation between the neighbouring numbers. Gaps at the ends stay. */
function interpolate(cells: ColumnCells): ColumnCells {
  const filled = [...cells]
  let before = -1
  for (const [index, cell] of cells.entries()) {
    const to = parseCellNumber(cell)
    if (to === undefined) {
      if (!isMissingCell(cell)) before = -1
      continue
    }
    const from = before < 0 ? undefined : parseCellNumber(cells[before])
    if (from !== undefined)
      for (let at = before + 1; at < index; at++) filled[at] = from + ((to - from) * (at - before)) / (index - before)
    before = index
  }
  return filled
}
