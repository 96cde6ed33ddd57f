import { InvalidError, TerminalError } from '../../../errors.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { parseNumber } from '../../parse-text.ts'

/** A row: values by column. A column may be missing. */
export type TableRow = { readonly [column: string]: Json | undefined }

/** A table with ordered columns. Maps do not keep the order of keys such as 2024. */
export type Table = { readonly columns: readonly string[]; readonly rows: readonly TableRow[] }

/** Limits of a call. `cells` bounds tables that an operation creates, where few values can become many. */
export const TABLE_LIMITS = { rows: 100_000, columns: 1000, cells: 5_000_000 } as const

export function checkRowCount(rows: number): void {
  if (rows > TABLE_LIMITS.rows) throw tooLarge(`more than ${TABLE_LIMITS.rows} rows`)
}

export function checkColumnCount(columns: number): void {
  if (columns > TABLE_LIMITS.columns) throw tooLarge(`more than ${TABLE_LIMITS.columns} columns`)
}

export function checkCellCount(rows: number, columns: number): void {
  if (rows * columns > TABLE_LIMITS.cells) throw tooLarge(`more than ${TABLE_LIMITS.cells} cells`)
}

function tooLarge(what: string): TerminalError {
  return new TerminalError(`The data has ${what}, which is the most that one step works on.`, { code: 'too_large' })
}

/** Builds a table. Columns keep the order of first appearance. */
export function tableOf(rows: readonly TableRow[], first: readonly string[] = []): Table {
  checkRowCount(rows.length)
  const columns = new Set(first)
  for (const row of rows) for (const column of Object.keys(row)) columns.add(column)
  checkColumnCount(columns.size)
  return { columns: [...columns], rows }
}

export function isRowList(value: Json): value is readonly TableRow[] {
  return Array.isArray(value) && value.every(isTableRow)
}

export const isTableRow = (value: Json): value is TableRow => isJsonObject(value)

/** Throws, with the known columns, unless the table has this column. An empty table accepts every column. */
export function checkColumn({ columns, rows }: Table, column: string, where: string): void {
  if (columns.includes(column) || rows.length === 0) return
  throw new InvalidError(`${where}: there is no column \`${column}\`.`, {
    place: { path: where },
    hint: `The columns are ${columns.slice(0, 20).join(', ')}${columns.length > 20 ? ', …' : ''}.`,
  })
}

/** Throws if two new columns share a name: one would overwrite the other. */
export function checkUniqueNames(columns: readonly string[], where: string): void {
  if (new Set(columns).size === columns.length) return
  const twice = columns.find((column, index) => columns.indexOf(column) !== index)
  throw new TerminalError(`${where}: two columns would have the same name, ${twice}.`, { code: 'tool_failed' })
}

/** Reads a cell by own property, because a column may be named like a property of Object.prototype. */
export function cellOf(row: TableRow, column: string): Json | undefined {
  return Object.hasOwn(row, column) ? row[column] : undefined
}

/** Null and the empty text count as missing. */
export function isMissingCell(value: Json | undefined): value is null | undefined | '' {
  return value === null || value === undefined || value === ''
}

export function parseCellNumber(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' ? parseNumber(value) : undefined
}

/** Equality key of a value. A number equals the text that parses to it. */
export function valueIdentity(value: Json | undefined): string {
  if (isMissingCell(value)) return ''
  const number = parseCellNumber(value)
  if (number !== undefined && (typeof value === 'number' || String(number) === value)) return String(number)
  return typeof value === 'string' ? `"${value}` : JSON.stringify(value)
}

/** Equality key of a row by these columns. */
export function rowIdentity(row: TableRow, columns: readonly string[]): string {
  return JSON.stringify(columns.map((column) => valueIdentity(cellOf(row, column))))
}

export function setFields(
  row: TableRow,
  fields: readonly (readonly [column: string, value: Json | undefined])[],
): TableRow {
  // from entries and by spread, because a column may be called __proto__
  return { ...row, ...Object.fromEntries(fields) }
}
