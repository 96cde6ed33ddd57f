import { InvalidError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { JsonSchema } from '../prompt/task.ts'

/** Maximum parts and levels of a JSON Schema, and characters of one pattern. */
const SCHEMA_LIMITS = { parts: 10_000, levels: 64, pattern: 1_000 } as const

/** The size of a schema, and whether a check takes at most time proportional to the size of schema times data. */
export type SchemaSize = { readonly size: number; readonly isPlain: boolean }

/** Measures a schema that came as data. InvalidError `too_large` when it exceeds a limit. */
export function measureSchema(schema: JsonSchema): SchemaSize {
  const { excess, ...size } = measure(schema)
  if (excess === undefined) return size
  throw new InvalidError(`schema: it has ${excess}`, { code: 'too_large', place: { path: 'schema' } })
}

/** Whether `measureSchema` rejects it. */
export const exceedsBudget = (schema: JsonSchema): boolean => measure(schema).excess !== undefined

function measure(schema: JsonSchema): SchemaSize & { readonly excess?: string } {
  let [parts, size, isPlain] = [0, 0, true]
  let excess: string | undefined
  const visit = (value: Json | undefined, level: number): void => {
    if (++parts > SCHEMA_LIMITS.parts) excess = `more than ${SCHEMA_LIMITS.parts} parts`
    else if (level > SCHEMA_LIMITS.levels) excess = `more than ${SCHEMA_LIMITS.levels} levels`
    size += sizeOfPart(value)
    if (typeof value !== 'object' || value === null) return
    for (const key in value) {
      const inner = (value as JsonSchema)[key]
      if (key === 'pattern' && typeof inner === 'string' && inner.length > SCHEMA_LIMITS.pattern)
        excess = `a pattern of more than ${SCHEMA_LIMITS.pattern} characters`
      isPlain &&= isPlainKeyword(key, inner)
      if (excess !== undefined) return
      visit(inner, level + 1)
    }
  }
  visit(schema, 0)
  return { size, isPlain, ...(excess !== undefined && { excess }) }
}

/** Checks with a larger product of schema size and data size run in a thread. */
const MAX_INLINE_WORK = 20_000

/** Whether a check takes a few milliseconds at most: then a thread would cost more than it saves. */
export function isSmallCheck({ size, isPlain }: SchemaSize, data: Json): boolean {
  return isPlain && size * sizeOfValue(data, MAX_INLINE_WORK / size) <= MAX_INLINE_WORK
}

/** The size of a value in parts, counted only up to `most`; a long text counts as several. */
export function sizeOfValue(value: Json | undefined, most: number): number {
  let size = sizeOfPart(value)
  if (typeof value !== 'object' || value === null) return size
  for (const key in value) {
    if (size > most) break
    size += sizeOfValue((value as JsonSchema)[key], most - size)
  }
  return size
}

const sizeOfPart = (value: Json | undefined) => (typeof value === 'string' ? 1 + value.length / 16 : 1)

/** References and unique items multiply the work; a pattern may take exponential time, and so may these formats. */
function isPlainKeyword(keyword: string, value: Json | undefined): boolean {
  if (keyword === '$ref' || keyword === '$recursiveRef' || keyword === '$dynamicRef' || keyword === 'uniqueItems')
    return false
  if (keyword === 'patternProperties') return Object.keys(value ?? {}).every(isPlainPattern)
  if (typeof value !== 'string') return true
  return keyword === 'pattern' ? isPlainPattern(value) : keyword !== 'format' || !HARD_FORMATS.includes(value)
}

const HARD_FORMATS = ['url', 'regex', 'uri-template']

const PATTERN_PIECE =
  /(?:\\[dDwWsS./-]|\[(?:\\.|[^\]\\])+\]|[^\\^$|?*+()[\]{}])(?:\{(\d{1,2})\}|(\{\d{1,3},\d{0,3}\}|[*+?]))?/y
/** Maximum characters of a plain pattern, and of its repetition counts. */
const MAX_PLAIN_PATTERN = 200

/** A sequence of characters and sets, of which at most one repeats a variable number of times, and only after `^`. */
function isPlainPattern(pattern: string): boolean {
  if (pattern.length > MAX_PLAIN_PATTERN) return false
  const end = pattern.endsWith('$') ? pattern.length - 1 : pattern.length
  let [variable, length] = [0, pattern.length]
  for (PATTERN_PIECE.lastIndex = pattern.startsWith('^') ? 1 : 0; PATTERN_PIECE.lastIndex < end; ) {
    const [piece, times = 0, repeats] = PATTERN_PIECE.exec(pattern) ?? []
    if (piece === undefined) return false
    length += Number(times)
    if (repeats !== undefined) variable++
  }
  return length <= MAX_PLAIN_PATTERN && variable <= (pattern.startsWith('^') ? 1 : 0)
}
