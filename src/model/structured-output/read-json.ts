import { type Json, tryParseExact } from '../../kernel/json.ts'

/** A value of JSON that a text contains, and the number of its characters. */
export type FoundJson = { readonly value: Json; readonly length: number }

const MAX_FOUND = 20
/** Brackets without an end that are looked at; each costs a look at the rest of the text. */
const MAX_OPEN = 50

/**
 * The values of JSON in a model's text, the first one first: the whole text, or lists and maps between prose, fences
 * and thoughts. Broken or unfinished JSON is skipped as a whole, since a part of it is a different value.
 */
export function jsonIn(text: string): readonly FoundJson[] {
  const whole = parseJson(text.trim())
  if (whole === undefined) return scan(text)
  const inner = typeof whole === 'string' ? scan(whole) : []
  return [{ value: whole, length: text.length }, ...inner]
}

/** Whether a text contains a list or a map up to its end. */
export const hasWholeJson = (text: string): boolean => scan(text).length > 0

/** The JSON of a model's text; undefined: it is not JSON. */
export const parseJson = (text: string) => tryParseExact(text) as Json | undefined

/** The text of a model without a code fence around it. */
export const withoutFence = (text: string): string => /^\s*```\w*\n([\s\S]*?)\n?```\s*$/.exec(text)?.[1] ?? text

const THOUGHTS =
  /<(think|thinking|thought|reasoning|reflection)>[\s\S]*?(?:<\/\1>|$)|\[THINK\][\s\S]*?(?:\[\/THINK\]|$)|◁think▷[\s\S]*?(?:◁\/think▷|$)/iy
const THOUGHT_MARK = /(<|\[|◁)(\/?)(?:think|thinking|thought|reasoning|reflection)[>\]▷]/i
const START = /[[{<◁]/g
/** The beginning of a value, which is rare in prose. */
const LIKE_JSON = /\{\s*(?:["'}]|[\w$-]+\s*:)|\[\s*["'{[\]\-\d]/y

function scan(text: string): readonly FoundJson[] {
  const found: FoundJson[] = []
  let open = 0
  let at = startOf(text)
  while (found.length < MAX_FOUND && open < MAX_OPEN) {
    START.lastIndex = at
    const start = START.exec(text)?.index
    if (start === undefined) break
    THOUGHTS.lastIndex = start
    const thoughts = THOUGHTS.exec(text)?.[0].length
    const end = thoughts === undefined && '[{'.includes(text[start]!) ? endOfValue(text, start) : undefined
    const value = end === undefined ? undefined : parseJson(text.slice(start, end))
    LIKE_JSON.lastIndex = start
    if (value !== undefined) found.push({ value, length: end! - start })
    if (thoughts !== undefined) at = start + thoughts
    else if (value !== undefined) at = end!
    else if (!LIKE_JSON.test(text)) at = start + 1
    else if (end !== undefined) at = end
    else break
    if (thoughts === undefined && end === undefined) open++
  }
  return found
}

/** Some servers leave out the mark where the thoughts begin. */
function startOf(text: string): number {
  const mark = THOUGHT_MARK.exec(text)
  return mark?.[2] === '/' ? mark.index + mark[0].length : 0
}

/** The place after the bracket that closes the one at `start`; undefined: none. Brackets in texts do not count. */
function endOfValue(text: string, start: number): number | undefined {
  let depth = 0
  let isInText = false
  for (let at = start; at < text.length; at++) {
    const sign = text[at]
    if (isInText && sign === '\\') at++
    else if (sign === '"') isInText = !isInText
    else if (isInText) continue
    else if (sign === '[' || sign === '{') depth++
    else if ((sign === ']' || sign === '}') && --depth === 0) return at + 1
  }
  return undefined
}
