import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4ToolResultPart,
} from '@ai-sdk/provider'
import type { Document, JsonSchema, ModelTask, OfflineAssignment } from '../../prompt/task.ts'
import { type Intent, readTask } from './intent.ts'
import { extractDelimited, type PromptParts, splitUndelimited } from './split-prompt.ts'

/** A call as the offline model understands it; `schema` when JSON is requested. */
export type OfflineCall = {
  readonly documents: readonly Document[]
  readonly intent: Intent
  readonly schema?: JsonSchema
}

/** The task and data of a call: as stated under `providerOptions.offline`, else read from the prompt. */
export function parseCall(options: LanguageModelV4CallOptions): OfflineCall {
  const said = options.providerOptions?.offline
  const ask = isAssignment(said) ? readAssignment(said) : parsePrompt(options.prompt)
  const format = options.responseFormat
  return format?.type === 'json' ? { ...ask, schema: (format.schema ?? {}) as JsonSchema } : ask
}

function isAssignment(value: object | undefined): value is OfflineAssignment {
  const { task, documents, instruction } = (value ?? {}) as Partial<OfflineAssignment>
  return typeof task?.kind === 'string' && Array.isArray(documents) && typeof instruction === 'string'
}

function readAssignment({ task, documents, instruction }: OfflineAssignment): OfflineCall {
  if (task.kind === 'write') {
    const { documents: all, sentence } = readSentence(instruction, documents)
    return { documents: all, intent: refine(readTask(sentence, Object.keys(task.choices ?? {})), task) }
  }
  return { documents, intent: { task: { ...task, question: task.question ?? instruction }, why: 'said by the caller' } }
}

/** If the caller passed no texts, the text after the instruction is the data. */
function readSentence(instruction: string, documents: readonly Document[]) {
  const { instruction: order, data } = splitUndelimited(instruction)
  if (documents.length > 0 || order === '' || data === '') return { documents, sentence: instruction }
  return { documents: [{ name: 'text', text: data }], sentence: order }
}

/** Limits that the caller states override those read from its sentence. */
function refine(intent: Intent, { kind: _, ...bounds }: ModelTask): Intent {
  return 'task' in intent ? { ...intent, task: { ...intent.task, ...bounds } } : intent
}

/** The task and data of a free prompt: delimited text, files and results; without any, the edges are the task. */
function parsePrompt(prompt: readonly LanguageModelV4Message[]): OfflineCall {
  const parts: PromptParts = { documents: [], instructions: [], choices: [] }
  const free = prompt.map((message) => takeMessage(message, parts)).filter((text) => text.trim() !== '')
  takeFree(free.join('\n\n'), parts)
  const documents = parts.documents.filter(({ text }) => text.trim() !== '')
  return { documents, intent: readTask(parts.instructions.join('\n'), parts.choices) }
}

/** Text outside delimiters is the instruction if there is data; otherwise it contains both. */
function takeFree(text: string, parts: PromptParts): void {
  if (text.trim() === '') return
  if (parts.documents.length > 0 || parts.instructions.length > 0) {
    parts.instructions.push(text.trim())
    return
  }
  const { instruction, data } = splitUndelimited(text)
  parts.instructions.push(instruction)
  parts.documents.push({ name: 'text', text: data })
}

/** System messages state how to behave, and assistant messages repeat earlier replies: neither is data or task. */
function takeMessage(message: LanguageModelV4Message, parts: PromptParts): string {
  if (message.role === 'tool')
    for (const part of message.content) if (part.type === 'tool-result') parts.documents.push(documentOf(part))
  if (message.role !== 'user') return ''
  return message.content
    .map((part) => (part.type === 'text' ? extractDelimited(part.text, parts) : takeFile(part, parts)))
    .join('\n')
}

function documentOf({ toolName, output }: LanguageModelV4ToolResultPart): Document {
  const value = 'value' in output ? output.value : ''
  return { name: toolName, text: typeof value === 'string' ? value : JSON.stringify(value) }
}

function takeFile({ filename, mediaType, data }: LanguageModelV4FilePart, parts: PromptParts): string {
  if (!/^text(?:\/|$)|json$/.test(mediaType)) return ''
  const text = data.type === 'text' ? data.text : data.type === 'data' ? decode(data.data) : ''
  parts.documents.push({ name: filename ?? 'file', text })
  return ''
}

function decode(data: string | Uint8Array): string {
  return typeof data === 'string' ? Buffer.from(data, 'base64').toString('utf8') : new TextDecoder().decode(data)
}
