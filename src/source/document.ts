import type { Modality } from '../lib/media/modality.ts'
import type { Passage } from '../model/text/passages.ts'
import type { CodeFacts } from './code/facts.ts'
import { joinFragments } from './media/fragment.ts'

export const DOCX_TYPE = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'

/** A part of a file that memory keeps, finds and cites as one: units of one section. */
export type FilePassage = {
  /** as it is written in the file, or in the markdown of a page */
  readonly text: string
  readonly locator: Locator
  /** the headings above it, joined by ` › `, or the column names above a row; empty when there are none */
  readonly heading: string
}

/**
 * A place in a file, written as the fragment of an address: `L3` or `L3-L5` for lines, `page=3` for a page,
 * `page=3&page=4` for two, and
 * `:~:text=The%20tide` for the words that a passage begins with, where a file has neither.
 */
export type Locator = string

/**
 * A sentence, item, row or piece of code: what asks rank and quote. Offsets and lines are those of the document's text;
 * `page` is its page in the file, which counts from 1, and `endPage` the next one, if a sentence ends there.
 */
export type Unit = Passage & { readonly page?: number; readonly endPage?: number }

/** Units in few bytes, since documents are kept and go from thread to thread. `unitsOf` gives them. */
export type UnitTable = {
  /** a row of numbers for each unit */
  readonly columns: Int32Array
  readonly headings: readonly string[]
  /** the texts of units that read otherwise than they are written */
  readonly plain: string
}

/** A file as its reader gives it. Units are in the order of the file, and `passagesOf` joins them. */
export type FileDocument = {
  /** its media type */
  readonly type: string
  /** what a reader perceives it as */
  readonly modality: Modality
  /** how its places are named: lines of `text`, which is the file's own; pages; first words; `fragments` of lines */
  readonly places: 'lines' | 'pages' | 'words' | 'fragments'
  readonly metadata: FileMetadata
  /** decoded, or converted */
  readonly text: string
  readonly units: UnitTable
  /** what a parser knows of its code; absent: it is no code, or is read in blocks of lines */
  readonly code?: CodeFacts
  /** sentences about what the units lack of the file */
  readonly gaps: readonly string[]
  /** the place of each line of `text` in the file, a W3C media fragment; an empty one is the whole file */
  readonly fragments?: readonly string[]
}

/** The content of a document: what asks search. */
export type FileContent = Pick<FileDocument, 'modality' | 'places' | 'text' | 'units' | 'code' | 'gaps' | 'fragments'>

/** Facts about a file. `hash` identifies its bytes (SHA-256 in hexadecimal digits). */
type FileMetadata = {
  readonly hash: string
  readonly bytes: number
  readonly title?: string
  /** how many a PDF has */
  readonly pages?: number
}

/** The result of the reader of one format, without the facts that each file has. */
export type ParsedFile = Omit<FileDocument, 'metadata' | 'units'> & {
  readonly metadata: Omit<FileMetadata, 'hash' | 'bytes'>
  readonly units: readonly Unit[]
}

/** The same, as it leaves a thread. */
export type PackedFile = Omit<ParsedFile, 'units'> & Pick<FileDocument, 'units'>

/** The locator of lines, which count from 1. */
export const linesLocator = (first: number, last: number): Locator =>
  first === last ? `L${first}` : `L${first}-L${last}`

/** The locator of a page, which counts from 1, or of two pages that share a sentence. */
export const pageLocator = (page: number, endPage = page): Locator =>
  endPage === page ? `page=${page}` : `page=${page}&page=${endPage}`

const MAX_LOCATOR_WORDS = 8

/** The locator of a passage by its first words, as browsers understand it behind the `#` of an address. */
export function wordsLocator(plain: string): Locator {
  const words = plain.split(/\s+/, MAX_LOCATOR_WORDS).join(' ').slice(0, 100).toWellFormed()
  return `:~:text=${encodeURIComponent(words).replaceAll('-', '%2D')}`
}

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
