import type { LineCounter } from 'yaml'

/** A place in a text; both count from 1. */
export type Position = { readonly line: number; readonly column: number }

/** Line and column of an offset. */
export function positionIn(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}
