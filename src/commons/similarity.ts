import { termsOf } from '../model/text/terms.ts'

/** How often a text has each of its words, in their base forms. */
type Words = { readonly counts: ReadonlyMap<string, number>; readonly length: number }

/** The words of a text for comparisons; undefined: it has none. */
export function wordsOf(text: string): Words | undefined {
  const counts = new Map<string, number>()
  for (const term of termsOf(text)) counts.set(term, (counts.get(term) ?? 0) + 1)
  if (counts.size === 0) return undefined
  return { counts, length: Math.hypot(...counts.values()) }
}

/** The cosine of the counts of words, 0 to 1: 1 for the same words, 0 without a shared one. */
export function sharedWords(one: Words, other: Words): number {
  let product = 0
  for (const [term, count] of one.counts) product += count * (other.counts.get(term) ?? 0)
  const cosine = product / (one.length * other.length)
  // the same words give a bit less or more than 1
  return cosine > 1 - 1e-12 ? 1 : cosine
}
