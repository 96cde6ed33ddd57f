import { linesOf } from '../model/text/blocks.ts'
import { isCodeName, plainText, splitPassages } from '../model/text/passages.ts'
import { cutLongRange, type TextRange, trimRange } from '../model/text/sentences.ts'
import { truncate } from '../model/text/strings.ts'
import { leaveOutStruck } from '../model/text/struck.ts'
import type { FileContent, FilePassage, Locator, Unit } from './document.ts'
import { linesLocator, packUnits, pageLocator, unitsOf, wordsLocator } from './document.ts'

/** Maximum characters of a passage. */
export const MAX_PASSAGE_LENGTH = 600
const MAX_HEADING_LENGTH = 120
/** A row is nothing without the names of its columns. */
const MAX_COLUMNS_LENGTH = 500

/** The units of a text. Its name tells prose from code and tables. InvalidError `too_large` above 4 Mi characters. */
export const splitUnits = (name: string, text: string): readonly Unit[] => splitPassages(name, text)

/** A text that has no file, such as a record of the memory. */
export function textDocument(name: string, written: string): FileContent {
  const { text } = leaveOutStruck(name, written)
  return {
    modality: isCodeName(name) ? 'code' : 'text',
    places: 'lines',
    text,
    units: packUnits(text, splitUnits(name, text)),
    gaps: [],
  }
}

/**
 * The passages of a document: units that follow each other in one section, together at most 600 characters. Every word
 * of the units stands in exactly one passage.
 */
export function passagesOf(document: FileContent): readonly FilePassage[] {
  const { text, places } = document
  const lineAt = lineCounter(text)
  return joinPieces(text, unitsOf(document).flatMap(cutIn(text))).map(
    ({ start, end, heading, kind, page = 1, endPage }) => ({
      text: text.slice(start, end),
      locator:
        places === 'lines'
          ? linesLocator(lineAt(start), lineAt(end - 1))
          : places === 'pages'
            ? pageLocator(page, endPage)
            : firstWords(text.slice(start, end)),
      heading: truncate(heading, kind === 'row' ? MAX_COLUMNS_LENGTH : MAX_HEADING_LENGTH),
    }),
  )
}

/** The locator of a text by the words that it begins with. */
export function firstWords(text: string): Locator {
  const [first = ''] = text.split('\n')
  return wordsLocator(plainText(first, first.includes('|') ? 'row' : 'paragraph'))
}

type Piece = TextRange & Pick<Unit, 'heading' | 'kind' | 'page' | 'endPage'>

/** Cuts a unit that is longer than a passage. */
const cutIn =
  (text: string) =>
  ({ heading, kind, page, endPage, ...unit }: Unit): readonly Piece[] =>
    cutLongRange(text, unit, MAX_PASSAGE_LENGTH)
      .map((range) => ({
        ...trimRange(text, range),
        heading,
        kind,
        ...(page && { page }),
        ...(endPage && { endPage }),
      }))
      .filter(({ start, end }) => end > start)

/** Neighbours in one section become one passage as long as they fit. */
function joinPieces(text: string, pieces: readonly Piece[]): readonly Piece[] {
  const joined: Piece[] = []
  for (const piece of pieces) {
    const last = joined.at(-1)
    if (last && isContinued(text, last, piece))
      joined[joined.length - 1] = { ...last, end: piece.end, ...(piece.endPage && { endPage: piece.endPage }) }
    else joined.push(piece)
  }
  return joined
}

function isContinued(text: string, last: Piece, next: Piece): boolean {
  return (
    next.end - last.start <= MAX_PASSAGE_LENGTH &&
    next.heading === last.heading &&
    next.page === last.page &&
    isMarkup(text.slice(last.end, next.start))
  )
}

const MARKS = /^[ \t]*(?:(?:[-*+•]|\d{1,3}[.)]|\([a-z0-9]{1,3}\)|[a-z]\))\s|(?:```|~~~).*$)/gm

/** Whether only marks of items and fences are between two pieces: a heading of the same name begins a new section. */
const isMarkup = (between: string) => !/[\p{L}\p{N}]/u.test(between.replace(MARKS, ''))

/** The line of an offset. Offsets come in ascending order. */
function lineCounter(text: string): (offset: number) => number {
  const starts = linesOf(text).map(({ start }) => start)
  let line = 0
  return (offset) => {
    while (line < starts.length && starts[line]! <= offset) line++
    return line
  }
}
