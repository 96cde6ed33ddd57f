import type { Json } from '../../../kernel/schema.ts'
import { MOST_LEVELS } from '../../../yaml/parse.ts'

/** Values of a document, its aliases written out. */
const MOST_VALUES = 250_000
/** Templates and tags in its texts, and as many again in what it includes. */
export const MOST_TEMPLATES = 30_000
const MOST = { values: MOST_VALUES, characters: 8 * 1024 * 1024, templates: MOST_TEMPLATES }

const TOO_LARGE = 'with its aliases written out the pipeline is too large'

/** What is too much about a document whose aliases are written out; undefined: nothing. It stops looking where it is too much. */
export function measure(value: Json): string | undefined {
  return count(value, MOST_LEVELS, { ...MOST })
}

type Left = { values: number; characters: number; templates: number }

function count(value: Json, depth: number, left: Left): string | undefined {
  left.values -= 1
  if (typeof value === 'string') countText(value, left)
  if (left.templates < 0) return `the pipeline has more than ${MOST_TEMPLATES} templates`
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

function countText(text: string, left: Left): void {
  left.characters -= text.length
  left.templates -= templatesIn(text)
}

/** Templates and tags that begin in a text. */
export function templatesIn(text: string): number {
  return /[{<]/.test(text) ? (text.match(/\{[{%]|<AUTO\b/g)?.length ?? 0) : 0
}
