const MAX_WORD_LENGTH = 60
/** Maximum number of words to compare. */
export const MAX_COMPARED = 1_000

export function sampleWords(words: Iterable<string>): readonly string[] {
  const some: string[] = []
  for (const word of words) if (some.push(word) >= MAX_COMPARED) break
  return some
}

/**
 * The closest of `words` to `word`. Allows one edit for a short word, two for five letters, three
 * for longer ones; a transposition is one edit. Undefined if none is close.
 */
export function nearestWord(word: string, words: readonly string[]): string | undefined {
  if (word.length > MAX_WORD_LENGTH) return undefined
  const wanted = plain(word)
  let best: string | undefined
  let least = reach(word.length) + 1
  for (const known of words.slice(0, MAX_COMPARED)) {
    // at least this many edits are needed
    if (Math.abs(known.length - word.length) >= least) continue
    const edits = editsBetween(wanted, plain(known))
    if (edits < least && edits <= reach(Math.min(word.length, known.length))) [best, least] = [known, edits]
  }
  return best
}

/** A suggestion if there is one, else the known words, if they are few enough to list. */
export function orList(suggestion: string | undefined, known: readonly string[], what: string): string | undefined {
  if (known.length === 0) return undefined
  const shown = known.slice(0, 12).join(', ')
  const named = `${what[0]!.toUpperCase()}${what.slice(1)}`
  return suggestion ?? `${named}: ${shown}${known.length > 12 ? ', …' : '.'}`
}

function editsBetween(one: string, other: string): number {
  const edits = editDistance(one, other)
  return edits === 2 && lettersOf(one) === lettersOf(other) ? 1 : edits
}

/** The edits (insert, delete, replace a letter) that turn one word into the other. */
function editDistance(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_, place) => place)
  for (let row = 1; row <= one.length; row++) {
    const line = [row]
    for (let place = 1; place <= other.length; place++) {
      const replaced = above[place - 1]! + (one[row - 1] === other[place - 1] ? 0 : 1)
      line.push(Math.min(replaced, above[place]! + 1, line[place - 1]! + 1))
    }
    above = line
  }
  return above[other.length]!
}

const lettersOf = (word: string) => [...word].sort().join('')

/** Capitals, and hyphens for underscores, are the most common mistakes. */
const plain = (word: string): string => word.toLowerCase().replaceAll('_', '-')

// more edits would turn it into another word
function reach(length: number): number {
  if (length < 5) return Math.min(length - 1, 1)
  return length < 7 ? 2 : 3
}
