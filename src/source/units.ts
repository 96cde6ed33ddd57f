import {
  type FileDocument,
  type Locator,
  linesLocator,
  type PackedFile,
  type ParsedFile,
  pageLocator,
  type Unit,
  type UnitTable,
  wordsLocator,
} from './document.ts'
import { joinFragments } from './media/fragment.ts'

const KINDS = ['paragraph', 'item', 'row', 'code'] as const satisfies readonly Unit['kind'][]
/** Numbers of one unit in a table. */
const WIDTH = 11

/** The units of a text as a table. */
export function packUnits(text: string, units: readonly Unit[]): UnitTable {
  const columns = new Int32Array(units.length * WIDTH)
  const headings = new Map<string, number>()
  const plain: string[] = []
  let length = 0
  for (const [
    place,
    { start, end, line, endLine, block, kind, heading, page = 0, endPage = 0, text: read },
  ] of units.entries()) {
    if (!headings.has(heading)) headings.set(heading, headings.size)
    const isWritten = text.slice(start, end) === read
    const from = isWritten ? -1 : length
    if (!isWritten) plain.push(read)
    if (!isWritten) length += read.length
    const row = [
      start,
      end,
      line,
      endLine,
      block,
      KINDS.indexOf(kind),
      headings.get(heading)!,
      page,
      from,
      length,
      endPage,
    ]
    columns.set(row, place * WIDTH)
  }
  return { columns, headings: [...headings.keys()], plain: plain.join('') }
}

/** The result of a reader with its units as a table. */
export const packFile = ({ units, ...parsed }: ParsedFile): PackedFile => ({
  ...parsed,
  units: packUnits(parsed.text, units),
})

const countUnits = ({ units }: Pick<FileDocument, 'units'>): number => units.columns.length / WIDTH

/** The units of a document, in the order of its text. */
export function unitsOf({ text, units }: Pick<FileDocument, 'text' | 'units'>): readonly Unit[] {
  const { columns, headings, plain } = units
  return Array.from({ length: countUnits({ units }) }, (_, place): Unit => {
    const row = columns.subarray(place * WIDTH, (place + 1) * WIDTH)
    const [start, end, line, endLine, block, kind, heading, page, from, to, endPage] = row as unknown as Row
    return {
      text: from < 0 ? text.slice(start, end) : plain.slice(from, to),
      kind: KINDS[kind]!,
      line,
      endLine,
      start,
      end,
      heading: headings[heading]!,
      block,
      ...(page > 0 && { page }),
      ...(endPage > 0 && { endPage }),
    }
  })
}

/** Where units are in the file. An excerpt from `first` to `last` is cited by it. */
export function locatorOf(
  { places, fragments = [] }: Pick<FileDocument, 'places' | 'fragments'>,
  first: Unit,
  last: Unit = first,
): Locator {
  if (places === 'fragments') return joinFragments(fragments.slice(first.line - 1, last.endLine))
  if (places === 'lines') return linesLocator(first.line, last.endLine)
  return places === 'pages' ? pageLocator(first.page ?? 1, last.endPage ?? last.page) : wordsLocator(first.text)
}

type Row = readonly [
  ...[start: number, end: number, line: number, endLine: number, block: number],
  ...[kind: number, heading: number, page: number, from: number, to: number, endPage: number],
]
