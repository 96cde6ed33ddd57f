import { InvalidError, TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import { parseNumber } from '../../parse-text.ts'

/** One row: a value by column; a column may be missing in it. */
export type TableRow = { readonly [column: string]: Json | undefined }

/** Rows under columns in an order, which maps do not keep for names such as 2024. */
export type Table = { readonly columns: readonly string[]; readonly rows: readonly TableRow[] }

/** What one call may hold. `cells`: what a table may have that is made of others, where few values become many. */
export const TABLE_LIMITS = { rows: 100_000, columns: 1000, cells: 5_000_000 } as const

/** Throws when a table would have too many rows. */
export function checkRowCount(rows: number): void {
  if (rows > TABLE_LIMITS.rows) throw tooLarge(`more than ${TABLE_LIMITS.rows} rows`)
}

/** Throws when a table would have too many columns. */
export function checkColumnCount(columns: number): void {
  if (columns > TABLE_LIMITS.columns) throw tooLarge(`more than ${TABLE_LIMITS.columns} columns`)
}

/** Throws when a table that is made would have too many cells. */
export function checkCellCount(rows: number, columns: number): void {
  if (rows * columns > TABLE_LIMITS.cells) throw tooLarge(`more than ${TABLE_LIMITS.cells} cells`)
}

function tooLarge(what: string): TerminalError {
  return new TerminalError(`The data has ${what}, which is the most that one step works on.`, { code: 'too_large' })
}

/** The table of a list of maps, its columns in the order in which they appear. */
export function tableOf(rows: readonly TableRow[], first: readonly string[] = []): Table {
  checkRowCount(rows.length)
  const columns = new Set(first)
  for (const row of rows) for (const column of Object.keys(row)) columns.add(column)
  checkColumnCount(columns.size)
  return { columns: [...columns], rows }
}

/** Whether a value is a list of maps, which makes it a table. */
export function isRowList(value: Json): value is readonly TableRow[] {
  return Array.isArray(value) && value.every(isTableRow)
}

/** Whether a value is a map. */
export function isTableRow(value: Json): value is TableRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Throws, with the columns there are, unless the table has this one; without rows it has whatever is asked for. */
export function checkColumn({ columns, rows }: Table, column: string, where: string): void {
  if (columns.includes(column) || rows.length === 0) return
  throw new InvalidError(`${where}: there is no column \`${column}\``, {
    place: { path: where },
    hint: `The columns are ${columns.slice(0, 20).join(', ')}${columns.length > 20 ? ', …' : ''}.`,
  })
}

/** Throws when two columns of a table that is made would have the same name: the later would take the place of the earlier. */
export function checkUniqueNames(columns: readonly string[], where: string): void {
  if (new Set(columns).size === columns.length) return
  const twice = columns.find((column, index) => columns.indexOf(column) !== index)
  throw new TerminalError(`${where}: two columns would have the same name, ${twice}`, { code: 'tool_failed' })
}

/** What a row holds in a column, which may have the name of what all maps have. */
export function cellOf(row: TableRow, column: string): Json | undefined {
  return Object.hasOwn(row, column) ? row[column] : undefined
}

/** What counts as not there: none and empty text. */
export function isMissingCell(value: Json | undefined): value is null | undefined | '' {
  return value === null || value === undefined || value === ''
}

/** The number a cell is or reads as. */
export function parseCellNumber(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' ? parseNumber(value) : undefined
}

/** What tells one value from another; a number and the text that reads as it are the same. */
export function valueIdentity(value: Json | undefined): string {
  if (isMissingCell(value)) return ''
  const number = parseCellNumber(value)
  if (number !== undefined && (typeof value === 'number' || String(number) === value)) return String(number)
  return typeof value === 'string' ? `"${value}` : JSON.stringify(value)
}

/** What tells one row from another, by these columns. */
export function rowIdentity(row: TableRow, columns: readonly string[]): string {
  return JSON.stringify(columns.map((column) => valueIdentity(cellOf(row, column))))
}

/** The row with some fields set. */
export function setFields(
  row: TableRow,
  fields: readonly (readonly [column: string, value: Json | undefined])[],
): TableRow {
  // by entries, and spread: a column may be called __proto__
  return { ...row, ...Object.fromEntries(fields) }
}
