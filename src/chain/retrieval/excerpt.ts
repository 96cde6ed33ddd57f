import { shortenCells, wholeNames } from '../../model/text/columns.ts'
import { truncate } from '../../model/text/strings.ts'
import { type FileContent, locatorOf, type Unit } from '../../source/document.ts'
import type { Hit, SourceRef } from '../../thread/protocol/phase-types.ts'
import type { RecordText } from '../memory/records.ts'
import { neutralizeTags } from '../protocol/bounds.ts'

export type SourceDocument = {
  readonly source: SourceRef
  readonly content: FileContent
  readonly units: readonly Unit[]
} & Partial<Pick<RecordText, 'record'>>
/** A unit, by its position in its document. */
export type PassagePosition = { readonly document: SourceDocument; readonly at: number }

/** Consecutive units of one document; `first` and `last` are positions. A fact covers no unit. */
export type SourceExcerpt = Pick<Hit, 'line' | 'endLine' | 'heading' | 'text' | 'score' | 'at' | 'fact' | 'shownAt'> & {
  readonly document: SourceDocument
  readonly first: number
  readonly last: number
}

/** Maximum characters of an excerpt; a longer unit is cut. */
const MAX_EXCERPT_LENGTH = 600
/** Maximum characters of a row, and of the column names above it: a cell beyond the cut cannot be found. */
const MAX_ROW_LENGTH = 4_000

/** The unit with its surroundings in the same section, as written, with tags neutralised. */
export function excerptAround(place: PassagePosition, score: number): SourceExcerpt {
  return excerptOf(place.document, widen(place), score)
}

/** Units as they are written, with tags neutralised. */
export function excerptOf(
  document: SourceDocument,
  { first, last }: { readonly first: number; readonly last: number },
  score: number,
): SourceExcerpt {
  const { content, units } = document
  const [start, end] = [units[first]!, units[last]!]
  const written = content.text.slice(start.start, end.end)
  const isRow = start.kind === 'row'
  const text = isRow ? shortenCells(written, MAX_ROW_LENGTH) : truncate(written, MAX_EXCERPT_LENGTH)
  const endLine = Math.min(end.endLine, start.line + text.split('\n').length - 1)
  const before = (document.record?.firstLine ?? 1) - 1
  return {
    document,
    first,
    last,
    line: before + start.line,
    endLine: before + endLine,
    heading: neutralizeTags(isRow ? wholeNames(start.heading, MAX_ROW_LENGTH) : truncate(start.heading, 120)),
    text: neutralizeTags(text),
    score,
    ...(content.places !== 'lines' && { at: locatorOf(content, start, end) }),
  }
}

/** First its own block, then the text after it in the section, then the text before it. */
function widen({ document, at }: PassagePosition): { first: number; last: number } {
  const { units } = document
  const own = units[at]!
  const range = { first: at, last: at }
  const grow = (to: number, fits: (unit: Unit) => boolean) => {
    const unit = units[to]
    if (!unit || unit.page !== own.page || !fits(unit) || sizeWith(units, range, to) > MAX_EXCERPT_LENGTH) return false
    range.first = Math.min(range.first, to)
    range.last = Math.max(range.last, to)
    return true
  }
  const inBlock = ({ block }: Unit) => block === own.block
  const inSection = ({ heading, kind }: Unit) => heading === own.heading && (kind === 'code') === (own.kind === 'code')
  while (grow(range.last + 1, inBlock) || grow(range.first - 1, inBlock));
  // a sentence such as `Install with:` says nothing without the text after it
  const led = units[range.last]!.text.endsWith(':') ? units[range.last + 1] : undefined
  if (led) {
    while (
      grow(range.last + 1, ({ block, kind }) => block === led.block || (kind !== 'paragraph' && kind === led.kind))
    );
    return range
  }
  while (grow(range.last + 1, inSection));
  while (grow(range.first - 1, inSection));
  return range
}

function sizeWith(units: readonly Unit[], { first, last }: { first: number; last: number }, to: number): number {
  return units[Math.max(last, to)]!.end - units[Math.min(first, to)]!.start
}
