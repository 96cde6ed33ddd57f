import type { Position } from '../diagnostics/finding.ts'

/** How many of them, in order, are less than that. */
export function countBelow(sorted: ArrayLike<number>, bound: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < bound) low = middle + 1
    else high = middle
  }
  return low
}

/** Where the lines of a text begin. */
export function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** Says line and column of offsets in a text, which is looked through once. */
export function linesOf(text: string): (offset: number) => Position {
  const starts = lineStarts(text)
  return (offset) => {
    const line = countBelow(starts, offset + 1)
    return { line, column: offset - starts[line - 1]! + 1 }
  }
}
