import type { Source } from './reading.ts'

/** Passages after one that ends with a colon which are taken to belong to it. */
const INTRODUCED = 12
/** A sentence that starts so cannot be read without the one before. */
const LEANING =
  /^(?:it|its|this|that|these|those|they|their|he|she|such|so|however|therefore|otherwise|instead|then)\b/i

/**
 * What is needed to read a passage: the sentence before when it starts with `it` or the like, and what its colon introduces.
 * More sentences around it were measured to hold the answer in 3 of 61 cases only.
 */
export function contextOf(passage: Source, passages: readonly Source[]): readonly Source[] {
  const before = passages[passages.findIndex(({ id }) => id === passage.id) - 1]
  const leaning =
    before && before.block === passage.block && before.document === passage.document && LEANING.test(passage.text)
  return [...(leaning ? [before] : []), ...introducedBy(passage, passages)]
}

/** The list items, rows or code that follow a passage which ends with a colon; none otherwise. */
export function introducedBy(passage: Source, passages: readonly Source[]): readonly Source[] {
  const place = passages.findIndex(({ id }) => id === passage.id)
  const after = passages.slice(place + 1, place + 1 + INTRODUCED)
  const kind = after[0]?.kind
  if (!passage.text.endsWith(':') || kind === 'paragraph') return []
  const end = after.findIndex((one) => one.kind !== kind || one.document !== passage.document)
  return (end === -1 ? after : after.slice(0, end)).filter(({ block }) => block !== passage.block)
}
