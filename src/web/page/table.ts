import type { PageElement } from './dom.ts'

/** How a cell becomes text: on one line, or as blocks. */
type CellWays = { lineOf(cell: PageElement): string; blockOf(cell: PageElement): string }

type RowElement = { readonly row: PageElement; readonly inHead: boolean }
type Row = { readonly cells: readonly string[]; readonly isHead: boolean; readonly isTitle: boolean }

/** The most columns of a table, and the most cells that cells over several places fill. */
const MAX_COLUMNS = 200
const MAX_CELLS = 100_000

/**
 * A table as markdown. A cell over several columns or rows stands in each of them. A table that is there for the layout
 * of a page becomes blocks, and one within a cell becomes text with its column names.
 */
export function tableOf(table: PageElement, ways: CellWays, inCell: boolean): string {
  const elements = rowsIn(table)
  if (!inCell && isLayout(elements)) {
    return elements.flatMap(({ row }) => cellsIn(row).map((cell) => ways.blockOf(cell).trim())).join('\n\n')
  }
  const rows = gridOf(elements, ways)
  if (!inCell && rows.some(isProse)) return proseOf(elements, rows, ways)
  const captions = [...table.children].filter(({ localName }) => localName === 'caption').map(ways.lineOf)
  const top = countWhile(rows, ({ isTitle }) => isTitle)
  const heads = rows.slice(top, top + countWhile(rows.slice(top), ({ isHead, isTitle }) => isHead && !isTitle))
  const body = rows.slice(top + heads.length)
  const guessed = heads.length === 0 && isHeadOf(body)
  const names = guessed ? body[0]!.cells : namesOf(heads)
  const shown = guessed ? body.slice(1) : body
  const texts = [...captions, ...rows.slice(0, top).map(({ cells }) => cells[0]!)].filter(Boolean)
  if (inCell) return [...texts, ...shown.map(({ cells }) => labelled(cells, names))].join('; ')
  return [...texts, ...partsOf(shown, names)].join('\n\n')
}

/** The only cell of a row that holds sentences, such as the box of a note. */
const isProse = ({ cells, isHead }: Row, _: number, rows: readonly Row[]) =>
  !isHead && rows.every(({ cells }) => cells.length === 1) && cells[0]!.length > 100 && /[.!?]\s/.test(cells[0]!)

/** The cells of a table of one column as blocks, the first one behind its header. */
function proseOf(elements: readonly RowElement[], rows: readonly Row[], ways: CellWays): string {
  const cells = elements.flatMap(({ row }) => cellsIn(row).filter((cell) => !isDecoration(cell, elements.length)))
  const blocks = cells.map((cell) => ways.blockOf(cell).trim()).filter(Boolean)
  const [head, first, ...others] = blocks
  return (rows[0]!.isHead ? [`${head}: ${first ?? ''}`, ...others] : blocks).join('\n\n')
}

function countWhile(rows: readonly Row[], fits: (row: Row) => boolean): number {
  const end = rows.findIndex((row) => !fits(row))
  return end < 0 ? rows.length : end
}

/** A row that is one cell over the whole width divides the table, and a row of headers begins another one. */
function partsOf(rows: readonly Row[], names: readonly string[]): readonly string[] {
  const parts: string[] = []
  let [head, lines] = [names, [] as string[]]
  const close = () => {
    const width = Math.max(1, head.length, ...lines.map((line) => line.split(/(?<!\\)\|/).length - 2))
    const named = head.length > 0 ? head : Array.from({ length: width }, () => '')
    if (lines.length > 0 || head.some((name) => name !== ''))
      parts.push([lineOf(named), lineOf(named.map(() => '---')), ...lines].join('\n'))
    lines = []
  }
  for (const { cells, isHead, isTitle } of rows) {
    if (!isHead && !isTitle) {
      lines.push(lineOf(cells))
      continue
    }
    if (lines.length > 0) close()
    if (isTitle) parts.push(cells[0]!)
    else head = cells
  }
  close()
  return parts
}

const lineOf = (cells: readonly string[]) => `| ${cells.join(' | ')} |`

const labelled = (cells: readonly string[], names: readonly string[]) =>
  cells.flatMap((cell, at) => (cell === '' ? [] : [names[at] ? `${names[at]}: ${cell}` : cell])).join(', ')

/** The rows of a table, without those of tables in its cells. */
function rowsIn(table: PageElement, inHead = false): readonly RowElement[] {
  return [...table.children].flatMap((child) => {
    if (child.localName === 'tr') return [{ row: child, inHead }]
    return child.localName === 'table' ? [] : rowsIn(child, inHead || child.localName === 'thead')
  })
}

const cellsIn = (row: PageElement) => [...row.children].filter(({ localName }) => /^t[dh]$/.test(localName))

/** Tables without a header that hold tables, headings or lists place the parts of a page. */
function isLayout(rows: readonly RowElement[]): boolean {
  const cells = rows.flatMap(({ row }) => cellsIn(row))
  if (cells.some(({ localName }) => localName === 'th')) return false
  return cells.some((cell) => [...cell.querySelectorAll('table, h1, h2, h3, h4, h5, h6, ul, ol, pre')].length > 0)
}

function gridOf(elements: readonly RowElement[], ways: CellWays): Row[] {
  /** cells of rows above that reach into the next rows, by their column */
  const above = new Map<number, { readonly text: string; left: number }>()
  let filled = 0
  return elements.flatMap(({ row, inHead }): Row[] => {
    const cells: string[] = []
    const own = cellsIn(row).filter((cell) => !isDecoration(cell, elements.length))
    const fill = () => {
      for (let over = above.get(cells.length); over; over = above.get(cells.length)) {
        if (--over.left === 0) above.delete(cells.length)
        cells.push(over.text)
      }
    }
    for (const cell of own) {
      fill()
      const text = ways.lineOf(cell).replace(/(?<!\\)\|/g, '\\|')
      const [columns, rows] = [spanOf(cell, 'colspan'), spanOf(cell, 'rowspan')]
      for (let at = 0; at < columns && cells.length < MAX_COLUMNS; at++) {
        if (rows > 1 && filled++ < MAX_CELLS) above.set(cells.length, { text, left: rows - 1 })
        cells.push(text)
      }
    }
    fill()
    const written = own.filter((cell) => cell.textContent?.trim())
    const isHead = written.length > 0 && (inHead || written.every(({ localName }) => localName === 'th'))
    const isTitle = own.length === 1 && cells.length > 1 && cells.every((cell) => cell === cells[0])
    return cells.some((cell) => cell !== '') ? [{ cells, isHead, isTitle }] : []
  })
}

/** A picture beside all rows, as DocBook puts it beside a note, is no column. */
const isDecoration = (cell: PageElement, rows: number) =>
  rows > 1 && spanOf(cell, 'rowspan') >= rows && !cell.textContent?.trim()

function spanOf(cell: PageElement, name: string): number {
  const span = Number(cell.getAttribute(name) ?? 1)
  return Number.isInteger(span) && span > 1 ? Math.min(span, 1000) : 1
}

/** The names of columns under several rows of headers, the upper one first. */
function namesOf(heads: readonly Row[]): readonly string[] {
  const width = Math.max(0, ...heads.map(({ cells }) => cells.length))
  return Array.from({ length: width }, (_, at) =>
    [...new Set(heads.map(({ cells }) => cells[at] ?? ''))].filter(Boolean).join(' '),
  )
}

/** Whether a table's first row names its columns. In a list of pairs, such as `Area | 18 m²`, it is a pair. */
function isHeadOf([first, ...body]: readonly Row[]): boolean {
  if (!first || body.length === 0) return false
  const { cells } = first
  const isNamed = cells.every((name, at) =>
    name === '' ? at === 0 : /\p{L}/u.test(name) && !/^\W*\d|[.!?]$/u.test(name) && name.length <= 60,
  )
  if (!isNamed || new Set(cells).size < cells.length) return false
  const isBold = ({ cells }: Row) => cells.every((cell) => cell === '' || /^\*\*.*\*\*$/.test(cell))
  if (isBold(first) && !isBold(body[0]!)) return true
  const digits = body.map((row) => /\d/.test(row.cells[cells.length - 1] ?? ''))
  if (cells.length === 1) return digits.every(Boolean) && !/\d/.test(cells[0]!)
  return cells.length > 2 || digits.every((has) => has === digits[0])
}
