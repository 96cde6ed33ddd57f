/** A line of two texts: in both, or only in the left or the right one. */
type DiffLine = { readonly side: 'both' | 'left' | 'right'; readonly text: string }

/** Lines that differ are compared up to this number for each text; the lines of longer ones all differ. */
const MAX_COMPARED = 400

/** The lines of two texts, side by side: as few as possible differ. Pure. */
export function diffLines(left: string, right: string): readonly DiffLine[] {
  const [a, b] = [left.split('\n'), right.split('\n')]
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  const both = (lines: readonly string[]) => lines.map((text): DiffLine => ({ side: 'both', text }))
  const middle = between(a.slice(head, a.length - tail), b.slice(head, b.length - tail))
  return [...both(a.slice(0, head)), ...middle, ...both(a.slice(a.length - tail))]
}

function between(a: readonly string[], b: readonly string[]): readonly DiffLine[] {
  const only = (side: 'left' | 'right', lines: readonly string[]) => lines.map((text): DiffLine => ({ side, text }))
  if (a.length === 0 || b.length === 0 || a.length > MAX_COMPARED || b.length > MAX_COMPARED)
    return [...only('left', a), ...only('right', b)]
  const lengths = commonLengths(a, b)
  const lines: DiffLine[] = []
  let [i, j] = [0, 0]
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push({ side: 'both', text: a[i]! })
      i++
      j++
    } else if (lengths[i + 1]![j]! >= lengths[i]![j + 1]!) lines.push({ side: 'left', text: a[i++]! })
    else lines.push({ side: 'right', text: b[j++]! })
  }
  return [...lines, ...only('left', a.slice(i)), ...only('right', b.slice(j))]
}

/** The length of the longest common part of what follows each pair of lines. */
function commonLengths(a: readonly string[], b: readonly string[]): readonly Uint16Array[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i]![j] = a[i] === b[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!)
  return lengths
}
