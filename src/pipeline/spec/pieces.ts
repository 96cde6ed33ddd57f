import type { Position } from '../findings.ts'

/** A stretch of a text, `file`: the included file it comes from; `source` is the whole text that it is a part of, from `start` on. */
export type Piece = { readonly text: string; readonly file?: string; readonly source: string; readonly start: number }

/** Where a place of the joined text was written. */
export function placeInPieces(pieces: readonly Piece[], within: Position): Position & { readonly file?: string } {
  let left = offsetOf(pieces.map(({ text }) => text).join(''), within)
  for (const [index, { text, file, source, start }] of pieces.entries()) {
    if (left < text.length || index === pieces.length - 1)
      return { ...positionOf(source, start + left), ...(file !== undefined && { file }) }
    left -= text.length
  }
  return within
}

function offsetOf(text: string, { line, column }: Position): number {
  let start = 0
  for (let n = 1; n < line; n += 1) start = text.indexOf('\n', start) + 1
  return start + column - 1
}

/** Line and column of an offset. */
export function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: before.at(-1)!.length + 1 }
}
