/** The column names of a table of cells, and how its lines are split. `end`: where its first line ends. */
export type Columns = {
  readonly names: readonly string[]
  readonly delimiter: string
  /** the first line as written */
  readonly line: string
  readonly end: number
}

/** An excerpt of a table stands below its column names, as a heading. */
const LEAD = /^# ([^\n]+)\n\n/
const MAX_NAMES = 200

/**
 * The columns that the first line of a CSV or TSV names; undefined if it names none: a name is a text, not a number,
 * and no two columns have the same one.
 */
export function readColumns(text: string): Columns | undefined {
  const lead = LEAD.exec(text)
  const line = lead ? lead[1]! : text.slice(0, text.search(/\r?\n|$/))
  const end = lead ? lead[0].length : line.length
  const delimiter = [',', ';', '\t', '|'].toSorted(
    (one, other) => line.split(other).length - line.split(one).length,
  )[0]!
  const names = splitCells(line.replace(/^\uFEFF/, ''), delimiter)
  const isNamed = names.every((name) => /\p{L}/u.test(name) && name.length <= 100)
  const isTable = names.length > 1 && names.length <= MAX_NAMES && new Set(names).size === names.length
  return isNamed && isTable ? { names, delimiter, line, end } : undefined
}

/**
 * A line with the name of each column before its cell; empty cells
 * are left out. A line of another width stays as it is.
 */
export function labelCells(line: string, { names, delimiter }: Columns): string {
  const cells = splitCells(line, delimiter)
  if (cells.length !== names.length) return line
  return cells.flatMap((cell, at) => (cell === '' ? [] : [`${names[at]}: ${cell}`])).join(', ')
}

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
