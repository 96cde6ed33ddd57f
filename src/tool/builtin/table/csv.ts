import { InvalidError } from '../../../errors.ts'
import { cellOf, checkColumnCount, checkRowCount, type Table, type TableRow } from './table.ts'

/**
 * Parses CSV (RFC 4180). The first line names the columns, all cells are texts. Lines end with CR,
 * LF or CRLF; empty lines are skipped; missing cells at the end of a line are empty.
 * @throws InvalidError with the line number
 */
export function parseCsv(text: string, delimiter = ','): Table {
  const records = readCells(text.startsWith('\uFEFF') ? text.slice(1) : text, delimiter)
  const head = records.next().value
  if (!head) return { columns: [], rows: [] }
  const columns = head.cells
  checkHead(columns)
  const rows: TableRow[] = []
  for (const { cells, line } of records) {
    if (cells.length > columns.length)
      throw wrong(`a row of ${cells.length} cells under ${columns.length} column names`, line, delimiterHint(delimiter))
    rows.push(Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? null])))
    checkRowCount(rows.length)
  }
  return { columns, rows }
}

/** Writes CSV with CRLF line ends. Null is an empty cell; lists and maps are JSON. */
export function writeCsv({ columns, rows }: Table, delimiter = ','): string {
  if (columns.length === 0) return ''
  const lines = [columns, ...rows.map((row) => columns.map((column) => textOf(cellOf(row, column))))]
  return lines.map((cells) => `${writeLine(cells, delimiter)}\r\n`).join('')
}

type Line = { readonly cells: readonly string[]; readonly line: number }

/** The cells of each line of a CSV that is not empty. @throws InvalidError with the line number */
export function* readCells(text: string, delimiter: string): Generator<Line, undefined> {
  const reader: Reader = { text, delimiter, at: 0, line: 1 }
  while (reader.at < text.length) {
    const { line } = reader
    const begin = reader.at
    const cells = readLine(reader)
    if (cells.length > 1 || cells[0] !== '' || text[begin] === '"') yield { cells, line }
  }
  return undefined
}

type Reader = { readonly text: string; readonly delimiter: string; at: number; line: number }

function readLine(reader: Reader): readonly string[] {
  const { text, delimiter } = reader
  const cells: string[] = []
  for (;;) {
    cells.push(text[reader.at] === '"' ? readQuoted(reader) : readPlain(reader))
    const next = text[reader.at++]
    if (next === delimiter) continue
    if (next === '\r' && text[reader.at] === '\n') reader.at++
    reader.line++
    return cells
  }
}

function readPlain(reader: Reader): string {
  const { text, delimiter, at } = reader
  while (reader.at < text.length) {
    const letter = text[reader.at]
    if (letter === delimiter || letter === '\n' || letter === '\r') break
    reader.at++
  }
  return text.slice(at, reader.at)
}

function readQuoted(reader: Reader): string {
  const { text, delimiter, line } = reader
  const start = reader.at + 1
  let end = text.indexOf('"', start)
  while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2)
  if (end < 0) throw wrong('a quote that is never closed', line)
  reader.at = end + 1
  const cell = text.slice(start, end).replaceAll('""', '"')
  reader.line += cell.match(/\r\n|\r|\n/g)?.length ?? 0
  const next = text[reader.at]
  if (next !== undefined && next !== delimiter && next !== '\n' && next !== '\r')
    throw wrong('text behind a closing quote (a quote inside a cell is written twice)', reader.line)
  return cell
}

function checkHead(columns: readonly string[]): void {
  checkColumnCount(columns.length)
  const twice = columns.find((column, index) => columns.indexOf(column) !== index)
  if (twice !== undefined) throw wrong(`two columns of the name ${JSON.stringify(twice)}`, 1)
}

function wrong(what: string, line: number, hint?: string): InvalidError {
  const place = { path: 'data', line }
  return new InvalidError(`data: line ${line} of the CSV has ${what}`, { place, ...(hint !== undefined && { hint }) })
}

const delimiterHint = (delimiter: string) =>
  `The cells were separated at ${JSON.stringify(delimiter)}: set \`delimiter\` for another sign, and write a cell with this sign in quotes.`

function textOf(value: TableRow[string]): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function writeLine(cells: readonly string[], delimiter: string): string {
  // an empty line would not count as a row
  if (cells.length === 1 && cells[0] === '') return '""'
  return cells.map((cell) => writeCell(cell, delimiter)).join(delimiter)
}

function writeCell(cell: string, delimiter: string): string {
  return cell.includes(delimiter) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
