import { hash } from 'node:crypto'
import type { LanguageModelV4CallOptions, LanguageModelV4Message } from '@ai-sdk/provider'
import type { Json, JsonObject } from '../../kernel/json.ts'
import { getOrInsert } from '../../lib/collections/get-or-insert.ts'
import { fileIdOf } from '../../lib/media/file-ref.ts'
import { PROVIDER_OPTIONS_KEY } from '../model-id.ts'

/** A request as a recording holds it: what the model reads, and nothing of how it is sent. */
export type RequestForm = {
  readonly messages: readonly JsonObject[]
  readonly tools?: readonly Json[]
  readonly settings?: JsonObject
}

/** Settings that change a reply. Headers and options of a provider are left out, since they may hold keys. */
const SETTINGS = [
  ...['toolChoice', 'responseFormat', 'maxOutputTokens', 'temperature', 'topP', 'topK', 'seed', 'stopSequences'],
  ...['presencePenalty', 'frequencyPenalty', 'reasoning'],
] as const

/** The form of a request, with sorted keys. Ids of calls are numbers in the order in which they appear. */
export function formOfRequest(options: LanguageModelV4CallOptions): RequestForm {
  const calls = new Map<string, string>()
  const idOf = (id: string) => getOrInsert(calls, id, () => `call-${calls.size + 1}`)
  const given = options as { readonly [name: string]: unknown }
  const settings = SETTINGS.flatMap((name) => (given[name] === undefined ? [] : [[name, sorted(given[name])]]))
  const { prompt, tools = [] } = options
  return {
    messages: prompt.map((message) => ({ [message.role]: contentOf(message, idOf) })),
    ...(tools.length > 0 && { tools: tools.map(toolForm) }),
    ...(settings.length > 0 && { settings: Object.fromEntries(settings) as JsonObject }),
  }
}

function toolForm(tool: object): Json {
  const {
    type: _,
    providerOptions: __,
    ...rest
  } = tool as { readonly type?: unknown; readonly providerOptions?: unknown }
  return sorted(rest)
}

/** How many calls the messages of a request hold. */
export const countCalls = ({ messages }: RequestForm): number =>
  messages.flatMap(({ assistant }) => (Array.isArray(assistant) ? assistant : [])).filter((part) => isCall(part)).length

const isCall = (part: Json) => typeof part === 'object' && part !== null && 'call' in part

function contentOf({ content }: LanguageModelV4Message, idOf: (id: string) => string): Json {
  if (typeof content === 'string') return lines(content)
  const parts = content.map((part) => partOf(part, idOf))
  const [first] = parts
  return parts.length === 1 && first && Object.keys(first).length === 1 && 'text' in first ? first.text! : parts
}

type Part = Exclude<LanguageModelV4Message['content'], string>[number]

function partOf(part: Part, idOf: (id: string) => string): JsonObject {
  if (part.type === 'text') return { text: lines(part.text) }
  if (part.type === 'reasoning') return { reasoning: lines(part.text) }
  if (part.type === 'tool-call') return { call: part.toolName, id: idOf(part.toolCallId), input: sorted(part.input) }
  if (part.type === 'tool-result') {
    const { type, ...output } = part.output as { readonly type: string; readonly value?: unknown }
    if (part.output.type === 'content') {
      const value = part.output.value.map((one) => partOf(one as Part, idOf))
      return { result: idOf(part.toolCallId), of: part.toolName, type, value }
    }
    const isPlain = type === 'text' || type === 'json'
    const value = typeof output.value === 'string' ? lines(output.value) : sorted(output.value ?? null)
    return { result: idOf(part.toolCallId), of: part.toolName, ...(!isPlain && { type }), value }
  }
  if (part.type === 'file') return fileForm(part)
  const { providerOptions: _, ...rest } = part as { readonly providerOptions?: unknown }
  return sorted(rest) as JsonObject
}

type FilePart = Extract<Part, { readonly type: 'file' }>

/** A file by its reference. The recording of a file that came as bytes has their hash. */
function fileForm({ mediaType, filename, data, providerOptions }: FilePart): JsonObject {
  const known = providerOptions?.[PROVIDER_OPTIONS_KEY]?.file
  const bytes = data.type === 'data' ? data.data : JSON.stringify(sorted(data))
  const content = typeof bytes === 'string' ? Buffer.from(bytes, data.type === 'data' ? 'base64' : 'utf8') : bytes
  const file = typeof known === 'string' ? known : fileIdOf(hash('sha256', content, 'hex'))
  return { file, type: mediaType, ...(filename !== undefined && { name: filename }) }
}

/** A text; one of several lines as a list of them, which people can read and compare. */
export const lines = (text: string): Json => (text.includes('\n') ? text.split('\n') : text)

/** The text that `lines` made a list of. */
export const unlined = (text: Json | undefined): string => (Array.isArray(text) ? text.join('\n') : String(text ?? ''))

/** The value as JSON with sorted keys. Bytes are a digest. */
export function sorted(value: unknown): Json {
  if (value instanceof Uint8Array) return `sha256:${hash('sha256', value, 'hex')}`
  if (value instanceof URL) return value.href
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value === undefined ? null : (value as Json)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  entries.sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}
