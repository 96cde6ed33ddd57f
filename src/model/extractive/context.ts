import type { Source } from './reading.ts'

/** Passages after one that ends with a colon which are taken to belong to it. */
const INTRODUCED = 12

/** The passages around one that are needed to read it: the sentences beside it, and what its colon introduces. */
export function contextOf(passage: Source, passages: readonly Source[]): readonly Source[] {
  const place = passages.findIndex(({ id }) => id === passage.id)
  const beside = [passages[place + 1], passages[place - 1]].filter((other) => isBeside(other, passage))
  return [...beside, ...introducedBy(passage, passages)]
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

function isBeside(other: Source | undefined, passage: Source): other is Source {
  return other?.document === passage.document && other.block === passage.block && passage.kind !== 'code'
}
