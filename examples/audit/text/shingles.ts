const SIZE = 3

/** A 32-bit number for each run of three words, in order; a shorter text has one for all of it. */
export function shinglesOf(words: readonly string[]): Uint32Array {
  const hashes = words.map(hashOf)
  const shingles = new Uint32Array(Math.max(words.length - SIZE + 1, Math.min(words.length, 1)))
  for (let at = 0; at < shingles.length; at++) shingles[at] = mix(hashes, at)
  return shingles
}

/** Numbers ascending, each once, and how often each came. */
export type Counted = { readonly numbers: Uint32Array; readonly counts: Uint32Array }

/** How often each number comes. */
export function count(shingles: Uint32Array): Counted {
  const sorted = shingles.slice().sort()
  const numbers = sorted.filter((shingle, at) => at === 0 || shingle !== sorted[at - 1])
  const counts = new Uint32Array(numbers.length)
  let last = -1
  sorted.forEach((shingle, at) => {
    if (at === 0 || shingle !== sorted[at - 1]) last++
    counts[last]!++
  })
  return { numbers, counts }
}

/** Where a number stands among ascending ones, or -1. */
export function indexIn(numbers: Uint32Array, wanted: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (numbers[middle]! < wanted) low = middle + 1
    else high = middle
  }
  return numbers[low] === wanted ? low : -1
}

function hashOf(word: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193)
  return hash
}

function mix(hashes: readonly number[], from: number): number {
  let hash = 0
  for (let at = from; at < Math.min(from + SIZE, hashes.length); at++) {
    hash = Math.imul(hash ^ hashes[at]!, 0x9e3779b1)
    hash ^= hash >>> 15
  }
  return hash >>> 0
}
