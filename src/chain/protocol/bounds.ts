import { neutralizeDocumentTags } from '../../model/prompt/task.ts'
import { truncate } from '../../model/text/strings.ts'

/** Upper bounds for a phase's output (JSON), the prose in it, and an answer, in characters. */
export const MAX_OUTPUT_SIZE = 8 * 1024
export const MAX_PROSE_SIZE = 4 * 1024
export const MAX_ANSWER_SIZE = 32 * 1024

/** Bounds the parts of a phase's output. `lacks` lists what was left out, one sentence for each name. */
export function outputBounds() {
  const lacks: string[] = []
  return {
    lacks,
    /** The text, or its beginning. */
    text(name: string, text: string, size: number): string {
      if (text.length > size) lacks.push(`${name} has ${text.length} characters, and only the first ${size} are kept`)
      return truncate(text, size)
    },
    /** As many of the first items as fit into `size` characters of JSON. `bound` shortens the parts of an item. */
    items<Item>(
      name: string,
      items: readonly Item[],
      size: number,
      bound: (item: Item) => Item = (same) => same,
    ): readonly Item[] {
      const bounded = items.map(bound)
      const fitting = fitItems(bounded, size)
      const whole = fitting.filter((item, at) => JSON.stringify(item) === JSON.stringify(items[at])).length
      if (whole < items.length) lacks.push(`${whole} of ${items.length} ${name} are kept whole`)
      return fitting
    },
  }
}

/** As many of the first items as fit into `size` characters of JSON. */
export function fitItems<Item>(items: readonly Item[], size: number): readonly Item[] {
  let left = size - 2
  const end = items.findIndex((item) => (left -= JSON.stringify(item).length + 1) < 0)
  return end === -1 ? items : items.slice(0, end)
}

export const keepLast = <Item>(items: readonly Item[], count: number): readonly Item[] => items.slice(-count)

/** A number from a model, clamped to 0..1; `absent` when it is not a number. */
export function toUnitInterval(value: number | undefined, absent = 0): number {
  return value === undefined || Number.isNaN(value) ? absent : Math.min(1, Math.max(0, value))
}

/** Tags with a meaning in this chain or in a model's own format. */
const TAGS =
  /<(?=[\s/]{0,8}(?:\w{1,40}_)?(?:instructions?|question|system|assistant|user|prompt|tool|model_config)\b)/gi

/** Marks such as `[v1]`, which some models write in place of a tag that cites. */
const MARKS = /\[(?=[vwpt]\d{1,3}(?:[,;]? [vwpt]\d{1,3}){0,7}\])/g

/** Retrieved text with neutralised tags and citations. The length stays, so that lines and offsets still hold. */
export function neutralizeTags(text: string): string {
  return neutralizeDocumentTags(text).replace(TAGS, '‹').replace(MARKS, '［')
}
