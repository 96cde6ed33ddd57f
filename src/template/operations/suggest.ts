import { nearest } from '../../lib/suggest.ts'

/** A hint that names the known word nearest to `word`, or nothing when none is near. */
export function suggest(word: string, known: readonly string[]): { readonly hint?: string } {
  const near = nearest(word, known)
  return near === undefined ? {} : { hint: `did you mean '${near}'?` }
}
