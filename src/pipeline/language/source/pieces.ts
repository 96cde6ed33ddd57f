import type { Position } from '../diagnostics/finding.ts'
import { lineStarts, linesOf } from './lines.ts'

/** A stretch of a text, `file`: the included file it comes from; `source` is the whole text that it is a part of, from `start` on. */
export type Piece = { readonly text: string; readonly file?: string; readonly source: string; readonly start: number }

type Placed = Position & { readonly file?: string }
type Find = (within: Position) => Placed

// all findings of one text ask for it
const finders = new WeakMap<readonly Piece[], Find>()

/** Where a place of the joined text was written. */
export function placeInPieces(pieces: readonly Piece[], within: Position): Placed {
  const find = finders.get(pieces) ?? finderIn(pieces)
  finders.set(pieces, find)
  return find(within)
}

function finderIn(pieces: readonly Piece[]): Find {
  const starts = lineStarts(pieces.map(({ text }) => text).join(''))
  const lines = new Map<string, (offset: number) => Position>()
  return (within) => {
    let left = (starts[within.line - 1] ?? 0) + within.column - 1
    for (const [index, { text, file, source, start }] of pieces.entries()) {
      if (left < text.length || index === pieces.length - 1) {
        const find = lines.get(source) ?? linesOf(source)
        lines.set(source, find)
        return { ...find(start + left), ...(file !== undefined && { file }) }
      }
      left -= text.length
    }
    return within
  }
}
