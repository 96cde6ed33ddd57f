import { distance } from 'fastest-levenshtein'

const LONGEST = 100

/** "did you mean `x`?" for the known word nearest to `word`; undefined when none is near. */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  const nearest = nearestTo(word.slice(0, LONGEST), known)
  return nearest === undefined ? undefined : `did you mean \`${nearest}\`?`
}

/** A suggestion where there is one, else what is known, as far as that is worth listing. */
export function suggestOrList(word: string, known: readonly string[], what: string): string | undefined {
  if (known.length === 0) return undefined
  const shown = known.slice(0, 12).join(', ')
  return didYouMean(word, known) ?? `${what}: ${shown}${known.length > 12 ? ', …' : ''}`
}

function nearestTo(word: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined
  let least = Math.max(2, word.length / 3) + 1
  for (const candidate of known) {
    const away = distance(plain(word), plain(candidate))
    if (away < least) [nearest, least] = [candidate, away]
  }
  return nearest
}

/** A hyphen for an underscore, or a capital, is the commonest slip of all. */
const plain = (word: string) => word.toLowerCase().replaceAll('_', '-')
