import { withoutEnd } from '../../lib/text/without-end.ts'
import { findDelimiter, withoutSep } from './delimiter.ts'
import { truncate } from './strings.ts'

/** The column names of a table of cells, and how its lines are split. `end`: where the line of the names ends. */
export type Columns = {
  readonly names: readonly string[]
  readonly delimiter: string
  /** the line of the names as written */
  readonly line: string
  readonly end: number
}

/** An excerpt of a table stands below its column names, as a heading. */
const LEAD = /^# ([^\n]+)\n\n/
const MAX_NAMES = 200

/** The columns of the first line of a CSV or TSV; undefined if it names none: names are texts, each only once. */
export function readColumns(text: string): Columns | undefined {
  const lead = LEAD.exec(text)
  const from = withoutSep(text) === text ? 0 : text.indexOf('\n') + 1
  const end = lead ? lead[0].length : from + text.slice(from).search(/\r?\n|$/)
  const line = lead ? lead[1]! : text.slice(from, end)
  const delimiter = findDelimiter(lead ? `${line}\n${text.slice(end)}` : text)?.sign ?? ','
  const names = splitCells(line.replace(/^\uFEFF/, ''), delimiter)
  const isNamed = names.every((name) => /\p{L}/u.test(name) && name.length <= 100)
  const isTable = names.length > 1 || /^[^.!?]{1,40}$/.test(line)
  const isDistinct = names.length <= MAX_NAMES && new Set(names).size === names.length
  return isNamed && isTable && isDistinct ? { names, delimiter, line, end } : undefined
}

export const labelCells = (line: string, { names, delimiter }: Columns): string =>
  nameCells(splitCells(line, delimiter), names)

/** How many empty columns of a row are named. */
const MAX_MISSING = 8

/**
 * Cells with the name of each column before them. Columns without a cell are named at the end, so that no other cell is
 * taken for theirs, and so are cells beyond the last column.
 */
export function nameCells(cells: readonly string[], names: readonly string[]): string {
  const named = names.flatMap((name, at) => (cells[at] ? [name === '' ? cells[at] : `${name}: ${cells[at]}`] : []))
  const beyond = cells.slice(names.length).filter(Boolean)
  if (named.length + beyond.length === 0) return ''
  const missing = names.filter((name, at) => name !== '' && !cells[at])
  const more = missing.length > MAX_MISSING ? ` and ${missing.length - MAX_MISSING} more` : ''
  return [
    [...named, ...(beyond.length > 0 ? [`without a column name: ${beyond.join(', ')}`] : [])].join(', '),
    ...(missing.length > 0 ? [`(no ${missing.slice(0, MAX_MISSING).join(', ')}${more})`] : []),
  ].join(' ')
}

export function cellsOfRow(row: string): readonly string[] {
  const inner = row
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '')
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'))
}

/** Stands for a column without a name in the heading of a row. */
const UNNAMED = '…'

/** The names of columns as the heading of their rows. */
export const namesHeading = (names: readonly string[]): string =>
  names.map((name) => name.replaceAll(' — ', ' - ') || UNNAMED).join(' — ')

/** Rows below their heading, as a table with its column names; undefined if the heading does not name their columns. */
export function tableHead(heading: string, rows: string): string | undefined {
  const width = Math.max(0, ...rows.split('\n').map((row) => (row.includes('|') ? cellsOfRow(row).length : 0)))
  const parts = heading.split(' › ')
  const names = parts.pop()!.split(' — ')
  if (width === 0 || width > names.length) return undefined
  const above = parts.length > 0 ? `# ${parts.join(' › ')}\n\n` : ''
  const lineOf = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`
  const written = names.map((name) => (name === UNNAMED ? '' : name.replaceAll('|', '\\|')))
  return above + lineOf(written) + lineOf(names.map(() => '---'))
}

const CELL = /"(?:[^"]|"")*"|[^,;\t|"]+/g
const CELL_LENGTHS = [800, 400, 200, 100, 50, 25]

/** A row of at most `longest` characters: long cells are cut, so that every column keeps the beginning of its cell. */
export function shortenCells(row: string, longest: number): string {
  const cut = (most: number) =>
    row.replace(CELL, (cell) => {
      if (cell.length <= most) return cell
      return cell.startsWith('"') ? `"${withoutEnd(truncate(cell.slice(1), most), /"/)}…"` : `${truncate(cell, most)}…`
    })
  const fits = (text: string) => text.length <= longest
  return fits(row) ? row : (CELL_LENGTHS.map(cut).find(fits) ?? truncate(row, longest))
}

/** The line of the column names, without those that do not fit as a whole. */
export const wholeNames = (line: string, longest: number): string =>
  line.length <= longest ? line : truncate(line, longest).replace(/(?:[,;\t|]| — )[^,;\t|—]*$/, '')

/** The cells of one line. A quoted cell may hold the delimiter, and two quotes in it are one. */
function splitCells(line: string, delimiter: string): string[] {
  const cells: string[] = []
  let cell = ''
  let isQuoted = false
  for (const piece of line.split(delimiter)) {
    cell = isQuoted ? `${cell}${delimiter}${piece}` : piece
    isQuoted = /^\s*"/.test(cell) && (cell.split('"').length - 1) % 2 === 1
    if (!isQuoted) cells.push(unquoted(cell))
  }
  if (isQuoted) cells.push(unquoted(cell))
  return cells
}

function unquoted(cell: string): string {
  const text = cell.trim()
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text
}
