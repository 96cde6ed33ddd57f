import type { Passage } from '../../model/text/passages.ts'
import { beginningOf } from '../../model/text/strings.ts'
import { tame } from '../protocol/bounds.ts'
import type { SourceRef } from '../protocol/phase-types.ts'

/** A source that was read, in passages. */
export type Document = { readonly source: SourceRef; readonly text: string; readonly passages: readonly Passage[] }
/** A passage by its place in its document. */
export type Place = { readonly document: Document; readonly at: number }

/** Several passages of one document that follow each other; `first` and `last` are their places. */
export type Stretch = {
  readonly document: Document
  readonly first: number
  readonly last: number
  readonly line: number
  readonly endLine: number
  readonly heading: string
  readonly text: string
  readonly score: number
}

/** A stretch may be so many characters long; a passage that is longer alone is cut. */
const SIZE = 600

/** The passage with what its section says around it, as it is written, its tags made harmless. */
export function stretchAround(place: Place, score: number): Stretch {
  const { first, last } = widen(place)
  const { document } = place
  const [start, end] = [document.passages[first]!, document.passages[last]!]
  const text = beginningOf(document.text.slice(start.start, end.end), SIZE)
  const endLine = Math.min(end.endLine, start.line + newlines(text))
  return {
    document,
    first,
    last,
    line: start.line,
    endLine,
    heading: tame(beginningOf(start.heading, 120)),
    text: tame(text),
    score,
  }
}

/** The own block first, then what follows in the section, then what comes before. */
function widen({ document, at }: Place): { first: number; last: number } {
  const { passages } = document
  const own = passages[at]!
  const range = { first: at, last: at }
  const grow = (to: number, fits: (passage: Passage) => boolean) => {
    const passage = passages[to]
    if (!passage || !fits(passage) || sizeWith(passages, range, to) > SIZE) return false
    range.first = Math.min(range.first, to)
    range.last = Math.max(range.last, to)
    return true
  }
  const inBlock = ({ block }: Passage) => block === own.block
  const inSection = ({ heading, kind }: Passage) =>
    heading === own.heading && (kind === 'code') === (own.kind === 'code')
  while (grow(range.last + 1, inBlock) || grow(range.first - 1, inBlock));
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
