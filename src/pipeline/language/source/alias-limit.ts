import type { Json } from '../../../kernel/schema.ts'
import { MAX_DEPTH } from '../../../yaml/parse.ts'

/** Maximum values of a document with its aliases expanded. */
const MAX_DOCUMENT_VALUES = 250_000
/** Maximum templates and tags in its texts; the same number again in included files. */
export const MAX_TEMPLATES = 30_000
const DOCUMENT_LIMITS = { values: MAX_DOCUMENT_VALUES, characters: 8 * 1024 * 1024, templates: MAX_TEMPLATES }

const TOO_LARGE = 'the pipeline is too large after its aliases are expanded'

/** Describes which limit a document with expanded aliases exceeds; undefined within limits. It stops at the limit. */
export function checkDocumentSize(value: Json): string | undefined {
  return countValue(value, MAX_DEPTH, { ...DOCUMENT_LIMITS })
}

type RemainingLimits = { values: number; characters: number; templates: number }

function countValue(value: Json, depth: number, left: RemainingLimits): string | undefined {
  left.values -= 1
  if (typeof value === 'string') countText(value, left)
  if (left.templates < 0) return `the pipeline has more than ${MAX_TEMPLATES} templates`
  if (left.values < 0 || left.characters < 0) return TOO_LARGE
  if (typeof value !== 'object' || value === null) return undefined
  if (depth === 0) return `the pipeline is nested deeper than ${MAX_DEPTH} levels, or an alias contains itself`
  for (const [key, inner] of Object.entries(value)) {
    left.characters -= key.length
    const fault = countValue(inner as Json, depth - 1, left)
    if (fault !== undefined) return fault
  }
  return undefined
}

function countText(text: string, left: RemainingLimits): void {
  left.characters -= text.length
  left.templates -= countTemplates(text)
}

/** The number of templates and tags that begin in a text. */
export function countTemplates(text: string): number {
  return /[{<]/.test(text) ? (text.match(/\{[{%]|<AUTO\b/g)?.length ?? 0) : 0
}
