import { nearest } from '../../suggest.ts'

/** "did you mean `x`?" for the known word nearest to `word`; undefined when none is near. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const near = nearest(word, known)
  return near === undefined ? undefined : `did you mean \`${near}\`?`
}

/** A suggestion where there is one, else what is known, as far as that is worth listing. */
export function suggestOrList(word: string, known: readonly string[], what: string): string | undefined {
  if (known.length === 0) return undefined
  const shown = known.slice(0, 12).join(', ')
  return didYouMean(word, known) ?? `${what}: ${shown}${known.length > 12 ? ', …' : ''}`
}
