import type { Json } from '../../../kernel/json.ts'
import { fromWhole, isLongWhole, wholeOf } from '../../../lib/json/whole.ts'
import { aggregate } from '../table/statistics.ts'
import { cellOf, isMissingCell, parseCellNumber, setFields, type Table, type TableRow } from '../table/table.ts'

export const FILL_METHODS = ['forward_fill', 'backward_fill', 'interpolate', 'mean', 'median'] as const
export type FillMethod = (typeof FILL_METHODS)[number]

/** How to fill the gaps of a column: by a method, or by a fixed value. A method that does not apply leaves gaps. */
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

export function columnsWithGaps({ columns, rows }: Table): readonly string[] {
  return columns.filter((column) => rows.some((row) => isMissingCell(cellOf(row, column))))
}

type ColumnCells = readonly (Json | undefined)[]

const FILL_FUNCTIONS: { readonly [Name in FillMethod]: (cells: ColumnCells) => ColumnCells } = {
  forward_fill: fillForward,
  backward_fill: (cells) => fillForward(cells.toReversed()).toReversed(),
  interpolate,
  mean: (cells) => fillWith(cells, 'mean'),
  median: (cells) => fillWith(cells, 'median'),
}

function fillForward(cells: ColumnCells): ColumnCells {
  let last: Json | undefined
  return cells.map((cell) => {
    if (!isMissingCell(cell)) last = cell
    return isMissingCell(cell) ? (last ?? cell) : cell
  })
}

// a column of texts has no mean
function fillWith(cells: ColumnCells, wanted: 'mean' | 'median'): ColumnCells {
  const there = cells.filter((cell) => !isMissingCell(cell))
  if (there.length === 0 || there.some((cell) => parseCellNumber(cell) === undefined)) return cells
  const value = aggregate(wanted, there, '')
  return cells.map((cell) => (isMissingCell(cell) ? value : cell))
}

/** The value at one of several equal steps between two numbers. Whole ones beyond 2^53 are rounded down. */
function between(from: Json, to: Json, [step, steps]: readonly [number, number]): Json {
  const [a, b] = [wholeOf(from), wholeOf(to)]
  if (a !== undefined && b !== undefined && (isLongWhole(from) || isLongWhole(to)))
    return fromWhole(a + ((b - a) * BigInt(step)) / BigInt(steps))
  const [low, high] = [parseCellNumber(from)!, parseCellNumber(to)!]
  return low + ((high - low) * step) / steps
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
      for (let at = before + 1; at < index; at++)
        filled[at] = between(cells[before]!, cell!, [at - before, index - before])
    before = index
  }
  return filled
}
