import type { JSONValue, LanguageModelV4Message, LanguageModelV4ToolCall } from '@ai-sdk/provider'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import { filesOfNote, type Note, textOfNote } from '../../lib/media/file-ref.ts'
import type { ShownFiles, WholeFile } from '../files/shown-file.ts'
import { NOTHING_READ, nameOf, partsOfFile, textOfFile, toFilePart } from '../files/shown-file.ts'
import { PROVIDER_OPTIONS_KEY } from '../model-id.ts'
import { FLEETING } from '../request/cache-marks.ts'
import { splitThoughts } from '../request/chat-thoughts.ts'
import type { ToolCall, ToolResult, ToolRound } from '../request/request.ts'
import { parseJson } from '../structured-output/read-json.ts'
import { AS_IT_IS, type WireRules } from '../wire/rules.ts'

/**
 * A round as messages. Calls without a result are left out, because several providers reject them. Files stand in the
 * results if the server takes them there, else in a message of the user after them.
 */
export function toolRoundMessages(
  { told: notes = [], now = [], said, results }: ToolRound,
  shown: ShownFiles = NOTHING_READ,
  rules: WireRules = AS_IT_IS,
): LanguageModelV4Message[] {
  const texts = [
    ...notes.flatMap((note) => partsOfNote(note, shown)),
    ...now.flatMap((note) =>
      partsOfNote(note, shown).map((part) => ({
        ...part,
        providerOptions: { [PROVIDER_OPTIONS_KEY]: { ...optionsOfPart(part), ...FLEETING[PROVIDER_OPTIONS_KEY] } },
      })),
    ),
  ]
  const shownResults = results.map((result) => toResultPart(result, shown, rules))
  const behind = shownResults.flatMap((one) => one.behind)
  const answered = new Set(results.map(({ id }) => id))
  const { parts: given, fields } = splitThoughts(said)
  const parts = given.filter((part) => part.type !== 'tool-call' || answered.has(String(part.toolCallId)))
  const more = fields && { providerOptions: fields as NonNullable<AssistantMessage['providerOptions']> }
  return [
    ...(texts.length > 0 ? [{ role: 'user' as const, content: texts }] : []),
    ...(parts.length > 0
      ? [{ role: 'assistant' as const, content: parts as object as AssistantMessage['content'], ...more }]
      : []),
    ...(results.length > 0 ? [{ role: 'tool' as const, content: shownResults.map(({ part }) => part) }] : []),
    ...(behind.length > 0 ? [{ role: 'user' as const, content: behind }] : []),
  ]
}

type AssistantMessage = Extract<LanguageModelV4Message, { role: 'assistant' }>

type UserPart = ReturnType<typeof partsOfFile>[number]

function partsOfNote(note: Note, shown: ShownFiles): UserPart[] {
  const text = textOfNote(note)
  const files = filesOfNote(note).flatMap((file) => partsOfFile(shown(file)))
  return text.trim() === '' && files.length > 0 ? files : [{ type: 'text' as const, text }, ...files]
}

const optionsOfPart = (part: UserPart) => ('providerOptions' in part ? part.providerOptions[PROVIDER_OPTIONS_KEY] : {})

/** A result, and the parts of a message behind it: files that the server does not take in a result. */
function toResultPart(result: ToolResult, shown: ShownFiles, { resultFiles }: WireRules) {
  const { id, name, output, failed, files = [] } = result
  const [inside, behind] = [[] as WholeFile[], [] as WholeFile[]]
  const texts: string[] = []
  for (const file of files.map(shown)) {
    if (file.type !== 'whole') texts.push(textOfFile(file))
    // a failed result with files would no longer count as failed
    else if (!failed && isTakenInside(file, resultFiles)) inside.push(file)
    else {
      behind.push(file)
      texts.push(`${nameOf(file.file)} is in the next message.`)
    }
  }
  const part = { type: 'tool-result' as const, toolCallId: id, toolName: name, output: outputOf(output, failed, texts) }
  const value = [
    { type: 'text' as const, text: textOf(part.output.value).trim() || NO_TEXT },
    ...inside.map(toFilePart),
  ]
  return {
    part: inside.length === 0 ? part : { ...part, output: { type: 'content' as const, value } },
    behind: behind.flatMap((file) => [
      { type: 'text' as const, text: `${nameOf(file.file)}, which ${name} returned:` },
      toFilePart(file),
    ]),
  }
}

const isTakenInside = ({ file: { type } }: WholeFile, rule: WireRules['resultFiles']) =>
  rule === 'inside' || (rule === 'pictures inside' && type.startsWith('image/'))

/** The output of a result, with the texts of its files behind it. */
function outputOf(output: Json, failed: true | undefined, texts: readonly string[]) {
  const words = failed ? failureText(output) : output
  const shown = texts.length === 0 ? words : [textOf(words), ...texts].filter((text) => text.trim() !== '').join('\n\n')
  return isSendable(shown)
    ? { type: failed ? ('error-text' as const) : ('text' as const), value: shown }
    : { type: failed ? ('error-json' as const) : ('json' as const), value: shown as JSONValue }
}

/** Providers reject a blank text. */
const NO_TEXT = '(no text)'

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

/** A text is sent as it is: as JSON it would be encoded twice. Several providers reject a blank text. */
const isSendable = (output: Json): output is string => typeof output === 'string' && output.trim() !== ''

/** `{ "failed": "reason" }` as one text. */
function failureText(output: Json): Json {
  const [[outcome, reason] = [], ...others] = isJsonObject(output) ? Object.entries(output) : []
  return outcome !== undefined && typeof reason === 'string' && others.length === 0 ? `${outcome}: ${reason}` : output
}

export function toToolCall({ toolCallId, toolName, input }: LanguageModelV4ToolCall): ToolCall {
  const call = { id: toolCallId, name: toolName }
  const read = parseArguments(input)
  return read === undefined ? { ...call, unread: String(input).slice(0, MAX_UNREAD) } : { ...call, input: read }
}

/** Characters of parameters that are not JSON. */
const MAX_UNREAD = 300

/** The maximum depth of parameters. Code that walks deeper values may overflow the stack. */
const MAX_DEPTH = 100

/** The parameters of a call; undefined: not JSON, or too deep. A call without any often has an empty input. */
export function parseArguments(text: unknown): Json | undefined {
  if (typeof text !== 'string') return undefined
  if (text.trim() === '') return {}
  if (depthOf(text) > MAX_DEPTH) return undefined
  const value = parseJson(text)
  // some servers encode the parameters twice
  const inner = typeof value === 'string' ? parseJson(value) : undefined
  return isJsonObject(inner) ? inner : value
}

/** The levels of a JSON text. */
function depthOf(text: string): number {
  let [depth, deepest, isInText] = [0, 0, false]
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]
    if (isInText && sign === '\\') at++
    else if (sign === '"') isInText = !isInText
    else if (isInText) continue
    else if (sign === '[' || sign === '{') deepest = Math.max(deepest, ++depth)
    else if (sign === ']' || sign === '}') depth--
  }
  return deepest
}
