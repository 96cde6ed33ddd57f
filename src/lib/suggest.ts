import { distance } from 'fastest-levenshtein'

const MAX_WORD_LENGTH = 60
/** Words that are looked at: among more than that nobody waits for a suggestion. */
export const MAX_COMPARED = 1_000

/** The first words, as many as are looked at. */
export function sampleWords(words: Iterable<string>): readonly string[] {
  const some: string[] = []
  for (const word of words) if (some.push(word) >= MAX_COMPARED) break
  return some
}

/**
 * The word of `words` closest to `word`, or undefined when none is near: at most one edit in a short word, two in one of five letters,
 * three in a longer one. Letters that changed places are one edit.
 */
export function nearestWord(word: string, words: readonly string[]): string | undefined {
  if (word.length > MAX_WORD_LENGTH) return undefined
  const wanted = plain(word)
  let best: string | undefined
  let least = reach(word.length) + 1
  for (const known of words.slice(0, MAX_COMPARED)) {
    // so many edits are needed at least
    if (Math.abs(known.length - word.length) >= least) continue
    const edits = editsBetween(wanted, plain(known))
    if (edits < least && edits <= reach(Math.min(word.length, known.length))) [best, least] = [known, edits]
  }
  return best
}

function editsBetween(one: string, other: string): number {
  const edits = distance(one, other)
  return edits === 2 && lettersOf(one) === lettersOf(other) ? 1 : edits
}

const lettersOf = (word: string) => [...word].sort().join('')

/** A capital, or a hyphen for an underscore, is the commonest slip of all. */
function plain(word: string): string {
  return word.toLowerCase().replaceAll('_', '-')
}

// two edits make another word of a short one, four of a long one
function reach(length: number): number {
  if (length < 5) return Math.min(length - 1, 1)
  return length < 7 ? 2 : 3
}
