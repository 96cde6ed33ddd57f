import { distance } from 'fastest-levenshtein'

const LONGEST = 60
/** Words that are looked at: among more than that nobody waits for a suggestion. */
export const MOST_COMPARED = 1_000

/** The first words, as many as are looked at. */
export function someOf(words: Iterable<string>): readonly string[] {
  const some: string[] = []
  for (const word of words) if (some.push(word) >= MOST_COMPARED) break
  return some
}

/** The word of `words` closest to `word`, or undefined when none is near: at most two edits, or three in a longer word. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  if (word.length > LONGEST) return undefined
  const wanted = plain(word)
  let best: string | undefined
  let least = reach(word) + 1
  for (const known of words.slice(0, MOST_COMPARED)) {
    // so many edits are needed at least
    if (Math.abs(known.length - word.length) >= least) continue
    const edits = distance(wanted, plain(known))
    // what shares no more than a letter is another word
    if (edits < least && edits < known.length) [best, least] = [known, edits]
  }
  return best
}

/** A capital, or a hyphen for an underscore, is the commonest slip of all. */
function plain(word: string): string {
  return word.toLowerCase().replaceAll('_', '-')
}

// two edits would turn any two-letter word into any other, four make another word of a long one
function reach(word: string): number {
  return Math.min(word.length - 1, word.length < 7 ? 2 : 3)
}
