import type { Passage } from '../../model/text/passages.ts'
import { truncate } from '../../model/text/strings.ts'
import { neutralizeTags } from '../protocol/bounds.ts'
import type { SourceRef } from '../protocol/phase-types.ts'
import type { RecordText } from './records.ts'

/** A source's text, split into passages. */
export type SourceDocument = {
  readonly source: SourceRef
  readonly text: string
  readonly passages: readonly Passage[]
} & Partial<Pick<RecordText, 'record'>>
/** A passage, by its position in its document. */
export type PassagePosition = { readonly document: SourceDocument; readonly at: number }

/** Consecutive passages of one document; `first` and `last` are positions. */
export type SourceExcerpt = {
  readonly document: SourceDocument
  readonly first: number
  readonly last: number
  readonly line: number
  readonly endLine: number
  readonly heading: string
  readonly text: string
  readonly score: number
}

/** Maximum characters of an excerpt; a longer single passage is cut. */
const MAX_EXCERPT_LENGTH = 600
/** Maximum characters of the column names above the rows of a table. */
const MAX_COLUMNS_LENGTH = 500

/** The passage with its surroundings in the same section, as written, with tags neutralised. */
export function excerptAround(place: PassagePosition, score: number): SourceExcerpt {
  const { first, last } = widen(place)
  const { document } = place
  const [start, end] = [document.passages[first]!, document.passages[last]!]
  const text = truncate(document.text.slice(start.start, end.end), MAX_EXCERPT_LENGTH)
  const endLine = Math.min(end.endLine, start.line + newlines(text))
  const before = (document.record?.firstLine ?? 1) - 1
  return {
    document,
    first,
    last,
    line: before + start.line,
    endLine: before + endLine,
    heading: neutralizeTags(truncate(start.heading, start.kind === 'row' ? MAX_COLUMNS_LENGTH : 120)),
    text: neutralizeTags(text),
    score,
  }
}

/** First its own block, then the text after it in the section, then the text before it. */
function widen({ document, at }: PassagePosition): { first: number; last: number } {
  const { passages } = document
  const own = passages[at]!
  const range = { first: at, last: at }
  const grow = (to: number, fits: (passage: Passage) => boolean) => {
    const passage = passages[to]
    if (!passage || !fits(passage) || sizeWith(passages, range, to) > MAX_EXCERPT_LENGTH) return false
    range.first = Math.min(range.first, to)
    range.last = Math.max(range.last, to)
    return true
  }
  const inBlock = ({ block }: Passage) => block === own.block
  const inSection = ({ heading, kind }: Passage) =>
    heading === own.heading && (kind === 'code') === (own.kind === 'code')
  while (grow(range.last + 1, inBlock) || grow(range.first - 1, inBlock));
  // a sentence such as `Install with:` says nothing without what it leads to
  const led = passages[range.last]!.text.endsWith(':') ? passages[range.last + 1] : undefined
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

function sizeWith(passages: readonly Passage[], { first, last }: { first: number; last: number }, to: number): number {
  return passages[Math.max(last, to)]!.end - passages[Math.min(first, to)]!.start
}

function newlines(text: string): number {
  return text.split('\n').length - 1
}
