import { distance } from 'fastest-levenshtein'

const LONGEST = 60
/** Words that are looked at: among more than that nobody waits for a suggestion. */
const MOST = 1_000

/** The word of `words` closest to `word`, or undefined when none is near: at most two edits, or three in a longer word. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  if (word.length > LONGEST) return undefined
  const ranked = words
    .slice(0, MOST)
    .map((known) => ({ known, edits: edits(word, known) }))
    .sort((a, b) => a.edits - b.edits)
  const best = ranked[0]
  return best && best.edits <= reach(word) ? best.known : undefined
}

function edits(word: string, known: string): number {
  return distance(plain(word), plain(known))
}

/** A capital, or a hyphen for an underscore, is the commonest slip of all. */
function plain(word: string): string {
  return word.toLowerCase().replaceAll('_', '-')
}

// two edits would turn any two-letter word into any other, four make another word of a long one
function reach(word: string): number {
  return Math.min(word.length - 1, word.length < 7 ? 2 : 3)
}
