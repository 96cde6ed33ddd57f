import { neutraliseTags } from '../../model/prompt/task.ts'

/** Upper bounds for a phase's output (JSON), the prose in it, and an answer, in characters. */
export const MAX_OUTPUT_SIZE = 8 * 1024
export const MAX_PROSE_SIZE = 4 * 1024
export const MAX_ANSWER_SIZE = 32 * 1024

/** The text, or its beginning with a note of how many characters were left out. */
export function clipWithNote(text: string, size: number): string {
  if (text.length <= size) return text
  const kept = text.slice(0, Math.max(0, size - noteOf(text.length).length)).replace(/[\uD800-\uDBFF]$/, '')
  return `${kept}${noteOf(text.length - kept.length)}`
}

const noteOf = (left: number) => ` […${left} more characters]`

/** As many of the first items as fit into `size` characters of JSON. */
export function fitItems<Item>(items: readonly Item[], size: number): readonly Item[] {
  let left = size - 2
  const end = items.findIndex((item) => (left -= JSON.stringify(item).length + 1) < 0)
  return end === -1 ? items : items.slice(0, end)
}

/** The last items of a list that grows. */
export function keepLast<Item>(items: readonly Item[], count: number): readonly Item[] {
  return items.slice(-count)
}

/** A number from a model, clamped to 0..1; `absent` when it is not a number. */
export function toUnitInterval(value: number | undefined, absent = 0): number {
  return value === undefined || Number.isNaN(value) ? absent : Math.min(1, Math.max(0, value))
}

/** Tags with a meaning in this chain or in a model's own format. */
const TAGS =
  /<(?=[\s/]{0,8}(?:\w{1,40}_)?(?:instructions?|question|system|assistant|user|prompt|tool|model_config)\b)/gi

/** Retrieved text with its tags neutralised. The length stays the same, so that lines and offsets still hold. */
export function neutralizeTags(text: string): string {
  return neutraliseTags(text).replace(TAGS, '‹')
}
