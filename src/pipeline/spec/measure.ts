import type { Json } from '../../kernel/schema.ts'

/** Levels of a document. */
export const MOST_LEVELS = 100
/** Values of a document, its aliases written out. */
export const MOST_VALUES = 500_000
/** Characters of its texts. */
const MOST_CHARACTERS = 8 * 1024 * 1024

export const TOO_LARGE = 'with its aliases written out the pipeline is too large'

/** What is too much about a document whose aliases are written out; undefined: nothing. It stops looking where it is too much. */
export function measure(value: Json): string | undefined {
  const left = { values: MOST_VALUES, characters: MOST_CHARACTERS }
  return count(value, MOST_LEVELS, left)
}

function count(value: Json, depth: number, left: { values: number; characters: number }): string | undefined {
  left.values -= 1
  if (typeof value === 'string') left.characters -= value.length
  if (left.values < 0 || left.characters < 0) return TOO_LARGE
  if (typeof value !== 'object' || value === null) return undefined
  if (depth === 0) return `the pipeline is nested deeper than ${MOST_LEVELS} levels, or an alias contains itself`
  for (const [key, inner] of Object.entries(value)) {
    left.characters -= key.length
    const fault = count(inner as Json, depth - 1, left)
    if (fault !== undefined) return fault
  }
  return undefined
}
