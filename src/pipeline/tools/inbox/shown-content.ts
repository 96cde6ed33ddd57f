import { hash } from 'node:crypto'
import { asText, isJsonObject, type Json } from '../../../kernel/json.ts'
import { isWithinSize } from '../../../kernel/limits.ts'
import { mapTexts } from '../../../lib/json/map-texts.ts'

/** Maximum characters of a content that lists show whole. */
const MAX_LISTED_CHARS = 16 * 1024
/** The characters of a long value that lists show. */
const MAX_VALUE_CHARS = 1000

/** Content as people see it, short values first. `length`: characters, if cut here. `digest`: of long content. */
type ShownContent = { readonly content: Json; readonly length?: number; readonly digest?: string }

/** A content as a list shows it: long values are cut. */
export function listedContent(whole: Json): ShownContent {
  const content = shortFirst(whole)
  if (!isLong(whole)) return { content }
  const cut = withCutValues(content)
  const text = JSON.stringify(cut)
  const shown = text.length > MAX_LISTED_CHARS ? `${text.slice(0, MAX_LISTED_CHARS)}…` : cut
  return { content: shown, length: asText(whole).length }
}

/** A whole content, with a digest if lists cut it. An approval must name it, so that nobody approves a text unseen. */
export function wholeContent(whole: Json): ShownContent {
  return { content: shortFirst(whole), ...(isLong(whole) && { digest: digestOf(whole) }) }
}

/** The digest that an approval has to name; undefined: lists show all of the content. */
export const requiredDigest = (whole: Json): string | undefined => (isLong(whole) ? digestOf(whole) : undefined)

const isLong = (whole: Json) => !isWithinSize(whole, MAX_LISTED_CHARS)
const digestOf = (whole: Json) => hash('sha256', JSON.stringify(whole)).slice(0, 16)

/** Fields up to this many characters of JSON keep their order. */
const MAX_SHORT_CHARS = 200

/** The same value with the short fields of each map first, so that no long one hides them. */
function shortFirst(value: Json): Json {
  if (Array.isArray(value)) return value.map(shortFirst)
  if (!isJsonObject(value)) return value
  const fields = Object.entries(value).map(([name, field]) => ({ name, field, size: sizeOf(field) }))
  const sorted = fields.toSorted((one, other) => one.size - other.size)
  return Object.fromEntries(sorted.map(({ name, field }) => [name, shortFirst(field)]))
}

function sizeOf(field: Json): number {
  const { length } = JSON.stringify(field)
  return length <= MAX_SHORT_CHARS ? 0 : length
}

const withCutValues = (value: Json): Json =>
  mapTexts(value, (text) =>
    text.length > MAX_VALUE_CHARS ? `${text.slice(0, MAX_VALUE_CHARS)}… (${text.length} characters)` : text,
  )
