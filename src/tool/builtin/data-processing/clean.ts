import { z } from 'zod'
import { defineTool } from '../../tool.ts'
import { dataInputSchema, dataOutputSchema, readData, tableResult, toTable } from '../table/data.ts'
import { outlierBounds } from '../table/statistics.ts'
import { cellOf, isMissingCell, parseCellNumber, rowIdentity, type Table, type TableRow } from '../table/table.ts'
import { columnsWithGaps, FILL_METHODS, fillColumns } from './fill.ts'

/** `data-processing:clean`: removes duplicate rows, drops or fills missing values, removes outliers on request. */
export const cleanTool = defineTool({
  name: 'data-processing:clean',
  description: 'Removes duplicate rows, missing values and outliers',
  input: dataInputSchema({
    remove_duplicates: z.boolean().default(true),
    handle_missing: z
      .enum(['drop', 'keep', ...FILL_METHODS])
      .default('drop')
      .describe('drop: remove rows with a missing value'),
    remove_outliers: z
      .boolean()
      .default(false)
      .describe('remove rows with a number more than 1.5 interquartile ranges outside the quartiles'),
  }),
  output: dataOutputSchema('clean', {
    original_count: z.int(),
    cleaned_count: z.int(),
    duplicates_removed: z.int(),
    missing_removed: z.int(),
    outliers_removed: z.int(),
  }),
  effect: 'pure',
  async execute(call, context) {
    const given = await readData(call, context)
    const table = toTable(given)
    const unique = call.remove_duplicates ? dropDuplicates(table) : table
    const filled = handleMissing(unique, call.handle_missing)
    const usual = call.remove_outliers ? dropOutliers(filled) : filled
    return {
      ...tableResult('clean' as const, usual, call, given),
      original_count: table.rows.length,
      cleaned_count: usual.rows.length,
      duplicates_removed: table.rows.length - unique.rows.length,
      missing_removed: unique.rows.length - filled.rows.length,
      outliers_removed: filled.rows.length - usual.rows.length,
    }
  },
})

/** Removes rows with the same values in these columns as another row. Keeps the first, or with `last` the last. */
export function dropDuplicates(table: Table, columns = table.columns, keep: 'first' | 'last' = 'first'): Table {
  const byIdentity = new Map<string, TableRow>()
  for (const row of keep === 'first' ? table.rows : table.rows.toReversed()) {
    const identity = rowIdentity(row, columns)
    if (!byIdentity.has(identity)) byIdentity.set(identity, row)
  }
  const rows = [...byIdentity.values()]
  return { ...table, rows: keep === 'first' ? rows : rows.reverse() }
}

function handleMissing(table: Table, how: 'drop' | 'keep' | (typeof FILL_METHODS)[number]): Table {
  if (how === 'keep') return table
  if (how !== 'drop')
    return fillColumns(
      table,
      columnsWithGaps(table).map((column) => [column, how]),
    )
  return {
    ...table,
    rows: table.rows.filter((row) => !table.columns.some((column) => isMissingCell(cellOf(row, column)))),
  }
}

function dropOutliers(table: Table): Table {
  const ranges = table.columns.flatMap((column) => {
    const cells = table.rows.map((row) => cellOf(row, column)).filter((cell) => !isMissingCell(cell))
    const numbers = cells.map(parseCellNumber).filter((number) => number !== undefined)
    return numbers.length > 0 && numbers.length === cells.length ? [[column, ...outlierBounds(numbers)] as const] : []
  })
  const isUsual = (row: TableRow) =>
    ranges.every(([column, low, high]) => {
      const number = parseCellNumber(cellOf(row, column))
      return number === undefined || (number >= low && number <= high)
    })
  return { ...table, rows: table.rows.filter(isUsual) }
}
