import { linesOf } from '../model/text/blocks.ts'
import { type Passage, splitPassages } from '../model/text/passages.ts'
import { cutLongRange, type TextRange, trimRange } from '../model/text/sentences.ts'
import { truncate } from '../model/text/strings.ts'
import type { FilePassage } from './document.ts'
import { linesLocator } from './document.ts'

/** Maximum characters of a passage. */
export const MAX_PASSAGE_LENGTH = 600
const MAX_HEADING_LENGTH = 120
/** A row is nothing without the names of its columns. */
const MAX_COLUMNS_LENGTH = 500

/**
 * Splits a text into passages: sentences, items, rows or lines of code that follow each other in one section, together
 * at most 600 characters. Every word stands in exactly one passage, or in a heading. The name tells prose from code and
 * from tables. InvalidError `too_large` above 4 Mi characters.
 */
export function splitText(name: string, text: string): readonly FilePassage[] {
  const lineAt = lineCounter(text)
  return joinPieces(text, piecesOf(name, text)).map(({ start, end, heading, kind }) => ({
    text: text.slice(start, end),
    locator: linesLocator(lineAt(start), lineAt(end - 1)),
    heading: truncate(heading, kind === 'row' ? MAX_COLUMNS_LENGTH : MAX_HEADING_LENGTH),
  }))
}

type Piece = TextRange & Pick<Passage, 'heading' | 'kind'>

/** Sentences, items, rows and code, none longer than a passage. */
function piecesOf(name: string, text: string): readonly Piece[] {
  return splitPassages(name, text).flatMap(({ heading, kind, ...unit }) =>
    cutLongRange(text, unit, MAX_PASSAGE_LENGTH)
      .map((range) => ({ ...trimRange(text, range), heading, kind }))
      .filter(({ start, end }) => end > start),
  )
}

/** Neighbours in one section become one passage as long as they fit. */
function joinPieces(text: string, pieces: readonly Piece[]): readonly Piece[] {
  const joined: Piece[] = []
  for (const piece of pieces) {
    const last = joined.at(-1)
    if (last && isContinued(text, last, piece)) joined[joined.length - 1] = { ...last, end: piece.end }
    else joined.push(piece)
  }
  return joined
}

function isContinued(text: string, last: Piece, next: Piece): boolean {
  return (
    next.end - last.start <= MAX_PASSAGE_LENGTH &&
    next.heading === last.heading &&
    isMarkup(text.slice(last.end, next.start))
  )
}

const MARKS = /^\s*(?:[-*+•]|\d{1,3}[.)]|\([a-z0-9]{1,3}\)|[a-z]\))\s|^\s*(?:```|~~~).*$/gm

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
