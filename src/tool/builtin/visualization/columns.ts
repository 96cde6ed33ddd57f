import { InvalidError } from '../../../errors.ts'
import { parseDate } from '../../../template/text/dates.ts'
import { cellOf, isMissingCell, parseCellNumber, type Table } from '../table/table.ts'

/** The content of a column, in the words of Vega-Lite. */
export type ColumnKind = 'quantitative' | 'temporal' | 'nominal'

export type ChartType = 'bar' | 'line' | 'scatter' | 'pie' | 'histogram'

/** The columns that a chart shows. Without `y`, rows are counted. */
export type ChartColumns = { readonly x: string; readonly y?: string; readonly series?: string }

/** A column of numbers or of dates throughout, or of names. */
export function kindOf({ rows }: Table, column: string): ColumnKind {
  const cells = rows.map((row) => cellOf(row, column)).filter((cell) => !isMissingCell(cell))
  if (cells.length === 0) return 'nominal'
  if (cells.every((cell) => parseCellNumber(cell) !== undefined)) return 'quantitative'
  return cells.every((cell) => typeof cell === 'string' && parseDate(cell)) ? 'temporal' : 'nominal'
}

export function fittingChart(table: Table): ChartType {
  const kinds = table.columns.map((column) => kindOf(table, column))
  const numbers = kinds.filter((kind) => kind === 'quantitative').length
  if (numbers > 0 && kinds.includes('temporal')) return 'line'
  if (numbers > 0 && kinds.includes('nominal')) return 'bar'
  if (numbers === 0) return 'bar'
  return numbers > 1 ? 'scatter' : 'histogram'
}

/** The content of a first column, by preference. */
const AXES: { readonly [Type in Exclude<ChartType, 'histogram'>]: readonly ColumnKind[] } = {
  bar: ['nominal', 'temporal', 'quantitative'],
  pie: ['nominal', 'temporal', 'quantitative'],
  line: ['temporal', 'nominal', 'quantitative'],
  scatter: ['quantitative', 'temporal', 'nominal'],
}

/** The columns of a chart: the named ones, and the first that fit for the rest. InvalidError where none fits. */
export function columnsFor(type: ChartType, table: Table, named: Partial<ChartColumns>): ChartColumns {
  for (const [parameter, column] of Object.entries(named)) checkColumn(table, parameter, column)
  const find = (wanted: readonly ColumnKind[], but: readonly (string | undefined)[] = []) =>
    table.columns.find((column) => !but.includes(column) && wanted.includes(kindOf(table, column)))
  const series = named.series === undefined ? {} : { series: named.series }
  if (type === 'histogram')
    return { x: named.x ?? find(['quantitative']) ?? missing(type, 'a column of numbers'), ...series }
  const x = named.x ?? AXES[type].map((kind) => find([kind], [named.y])).find(Boolean) ?? missing(type, 'a column')
  const y = named.y ?? find(['quantitative'], [x])
  if (y !== undefined) return { x, y, ...series }
  if (type === 'bar' || type === 'pie') return { x, ...series }
  return missing(type, 'two columns, and numbers in the second')
}

function checkColumn({ columns }: Table, parameter: string, column: string): void {
  if (columns.includes(column)) return
  throw new InvalidError(`${parameter}: there is no column ${JSON.stringify(column)}.`, {
    place: { path: parameter },
    hint: `The columns are ${columns.slice(0, 20).join(', ')}.`,
  })
}

function missing(type: ChartType, what: string): never {
  throw new InvalidError(`A ${type} chart needs ${what}.`, {
    place: { path: 'data' },
    hint: 'Name the columns with `x` and `y`.',
  })
}
