import { isJsonObject } from '../../../kernel/json.ts'
import { parseArguments } from '../../../model/call/tool-calling.ts'
import { withoutFence } from '../../../model/structured-output/read-json.ts'

/** A text without the calls that its model wrote into it, and what is missing then. */
type WithoutCalls = { readonly text: string; readonly lacks: string }

/**
 * The forms in which models write calls when their server does not read them. The beginning of a call follows the mark,
 * so an answer that only names the mark has none.
 */
const WRITTEN_CALLS: readonly RegExp[] = [
  /<tool_calls?>\s*(?:[[{<]|[\w.:-]+\s*<arg_key>)[\s\S]*?(?:<\/tool_calls?>|$)/g,
  /<function=[\w.:-]+>[\s\S]*?(?:<\/function>|$)/g,
  /<(?:antml:)?function_calls?>\s*[<[{][\s\S]*?(?:<\/(?:antml:)?function_calls?>|$)/g,
  /<(?:antml:)?invoke name="[^"\n]{1,100}">[\s\S]*?(?:<\/(?:antml:)?invoke>|$)/g,
  /\[TOOL_CALLS\]\s*(?:[[{]|[\w.:-]+\s*(?:\[ARGS\]|\{))[\s\S]*$/g,
  /<\|tool_call\|?>\s*[[{][\s\S]*$/g,
  /<[|｜]tool[▁_]calls?(?:[▁_]section)?[▁_]begin[|｜]>[\s\S]*$/g,
  /<\|python_tag\|>[\s\S]*$/g,
  /<\|channel\|>commentary to=[\w.:-]+[\s\S]*$/g,
]

/** Code in Markdown, which shows a form and calls nothing. */
const CODE = /```[\s\S]*?(?:```|$)|``[^\n]*?``|`[^`\n]*`/g

/**
 * Finds calls that a model wrote as text. Undefined: there is none. JSON counts only if it is the whole text and names
 * one of the offered tools, since an answer may be JSON. Pure.
 */
export function withoutWrittenCalls(text: string, offered: ReadonlySet<string>): WithoutCalls | undefined {
  if (isWholeCall(text, offered)) return { text: NOT_MADE, lacks: NOT_MADE }
  const code: string[] = []
  // a private character stands for each piece of code
  const prose = text.replaceAll('\ue000', '').replace(CODE, (piece) => `\ue000${code.push(piece) - 1}\ue000`)
  const rest = WRITTEN_CALLS.reduce((left, form) => left.replace(form, ''), prose)
  if (rest === prose) return undefined
  const whole = rest.replace(/\ue000(\d+)\ue000/g, (_, place: string) => code[Number(place)]!).trim()
  return { text: whole === '' ? NOT_MADE : whole, lacks: NOT_MADE }
}

/** The answer instead of a text that was nothing but a call. */
export const NOT_MADE = 'The model wrote a call of a tool as text, so the call was not made.'

function isWholeCall(text: string, offered: ReadonlySet<string>): boolean {
  const bare = withoutFence(text).trim()
  if (!/^[[{]/.test(bare)) return false
  const value = parseArguments(bare)
  const calls = Array.isArray(value) ? value : [value ?? null]
  return calls.length > 0 && calls.every((call) => isCallOf(call, offered))
}

function isCallOf(call: unknown, offered: ReadonlySet<string>): boolean {
  if (!isJsonObject(call as never)) return false
  const {
    function: inner,
    name,
    arguments: given,
    parameters,
    input,
    ...others
  } = call as { readonly [field: string]: unknown }
  if (inner !== undefined) return typeof inner === 'object' && isCallOf(inner, offered)
  const hasOthers = Object.keys(others).some((field) => field !== 'type' && field !== 'id')
  return typeof name === 'string' && offered.has(name) && !hasOthers && (given ?? parameters ?? input) !== undefined
}
