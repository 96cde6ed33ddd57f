/**
 * How much a draft differs from the one before it: one minus the cosine of their word counts, 0..1.
 * 0 when both say the same words, null when there is nothing to compare.
 */
export function convergenceOf(draft: string, previous: string | undefined): number | null {
  return previous === undefined ? null : Math.max(0, 1 - similarityTo(previous)(draft))
}

/** The cosine similarity of word counts with this text, 0..1. */
export function similarityTo(text: string): (other: string) => number {
  const words = countWords(text)
  const length = norm(words)
  return (other) => {
    const others = countWords(other)
    const size = length * norm(others)
    return size === 0 ? Number(words.size === others.size) : product(others, words) / size
  }
}

function countWords(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}

const norm = (counts: ReadonlyMap<string, number>): number => Math.sqrt(product(counts, counts))

function product(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  return [...a].reduce((sum, [word, count]) => sum + count * (b.get(word) ?? 0), 0)
}
