import type { Json } from '../../kernel/schema.ts'

/** Values in a document, its aliases written out; characters of its texts; levels. */
const MOST = { values: 500_000, characters: 8 * 1024 * 1024, depth: 100 } as const

/** What is too much about a document whose aliases are written out; undefined: nothing. It stops looking where it is too much. */
export function measure(value: Json): string | undefined {
  const left = { values: MOST.values, characters: MOST.characters }
  return count(value, MOST.depth, left)
}

function count(value: Json, depth: number, left: { values: number; characters: number }): string | undefined {
  left.values -= 1
  if (typeof value === 'string') left.characters -= value.length
  if (left.values < 0 || left.characters < 0) return 'with its aliases written out the pipeline is too large'
  if (typeof value !== 'object' || value === null) return undefined
  if (depth === 0) return `the pipeline is nested deeper than ${MOST.depth} levels, or an alias contains itself`
  for (const [key, inner] of Object.entries(value)) {
    left.characters -= key.length
    const fault = count(inner as Json, depth - 1, left)
    if (fault !== undefined) return fault
  }
  return undefined
}
