import type { Offers } from '../../worker/capabilities.ts'
import type { CompiledForm } from '../prompt/prompt-form.ts'
import { type RenderedPrompt, renderTask } from '../prompt/task.ts'
import {
  allDocuments,
  bytesOfFile,
  isReference,
  isTextFile,
  kindOfType,
  mediaTypeOfFile,
  referencesIn,
  takesKind,
} from '../request/files.ts'
import type { ModelRequest, RequestFile, Usage } from '../request/request.ts'

/** Maximum reply tokens of a budgeted request that sets no limit. */
const MAX_REPLY_TOKENS = 4096
/** Tokens that a server adds to a prompt: roles, field names, JSON rules. */
const PROMPT_OVERHEAD_TOKENS = 256
/**
 * Maximum tokens of an image of any size. Anthropic counts width * height / 750 after it has made the image smaller:
 * 1,600, and 4,784 for its newest models. OpenAI and Google count less, but for one model at its finest detail.
 */
const maxImageTokens = (model: string) => (model.includes('4o-mini') ? 50_000 : 5_000)
/** Bytes of audio per token: 32 tokens per second, at no less than half a KB per second. */
const BYTES_PER_AUDIO_TOKEN = 16
/** Bytes of video per token: 300 tokens per second, at no less than 10 KB per second. */
const BYTES_PER_VIDEO_TOKEN = 32
/**
 * Bytes per token of all other content. The pages of a PDF are not known before it is read: with 1,600 tokens a page,
 * this is right for pages of 3.2 KB, and more than enough for larger ones.
 */
const BYTES_PER_TOKEN = 2
/** 1,000 pages at 258 tokens, or 100 pages at 1,600, and their text. */
const MAX_PAGES_TOKENS = 500_000
/** Allowance for the repeated reply and the error note when a reply did not match its schema. */
const COMPLAINT_TOKENS = 1024

/**
 * The maximum tokens of one call: an estimate with a margin for everything that is sent, in the model's prompt form,
 * plus the maximum reply. A call with a schema may be made twice, the second time with the first reply in its prompt.
 */
export function maxUsage(
  request: ModelRequest,
  form?: Pick<CompiledForm, 'render'>,
  receiver: FilesModel = {},
): { readonly usage: Usage; readonly maxTokens: number } {
  const { schema, reasoning } = request
  const thoughts = reasoning && 'tokens' in reasoning ? reasoning.tokens : 0
  const { maxTokens = MAX_REPLY_TOKENS + thoughts } = request
  const first = maxInput(request, (form?.render ?? renderTask)({ ...request, documents: allDocuments(request) }), {
    receiver,
  })
  if (!schema) return { usage: { input: first, output: maxTokens }, maxTokens }
  return { usage: { input: 2 * first + maxTokens + COMPLAINT_TOKENS, output: 2 * maxTokens }, maxTokens }
}

/** The model that gets files: its id, and what it takes. Absent: it may be any. */
type FilesModel = { readonly model?: string; readonly offers?: Offers }

/** The most tokens that a rendered request sends. `since`: the messages added when the model was asked again. */
export function maxInput(
  request: ModelRequest,
  { system, prompt }: Pick<RenderedPrompt, 'system' | 'prompt'>,
  { since = [], receiver = {} }: { readonly since?: readonly unknown[]; readonly receiver?: FilesModel } = {},
): number {
  const { schema, tools = [], rounds = [], files = [] } = request
  const parts = since.length > 0 ? [schema ?? '', tools, rounds, since] : [schema ?? '', tools, rounds]
  const texts = [system, prompt, ...parts.map((part) => JSON.stringify(part))]
  const sent = [...files.filter((file) => !isReference(file)), ...referencesIn(request)]
  const read = sent.reduce((sum, file) => sum + maxFileTokens(file, receiver), PROMPT_OVERHEAD_TOKENS)
  return texts.reduce((sum, text) => sum + maxTokensIn(text), read)
}

/** Tokens of a file: images are cut into tiles, others count by bytes. One that the model does not take is a line. */
function maxFileTokens(file: RequestFile, { model = '', offers }: FilesModel): number {
  const { name = '' } = file
  const type = mediaTypeOfFile(file)
  const kind = kindOfType(type)
  // the text of a file that came with its bytes is counted with the prompt
  if (isTextFile(file) && !isReference(file)) return 0
  const line = maxTokensIn(name + type) + (isReference(file) ? MAX_LINE_TOKENS : 0)
  if (kind !== 'text' && offers && !takesKind(offers, kind)) return line
  const bytes = bytesOfFile(file)
  const tokens = {
    image: maxImageTokens(model),
    audio: bytes / BYTES_PER_AUDIO_TOKEN,
    video: bytes / BYTES_PER_VIDEO_TOKEN,
    document: Math.min(bytes / BYTES_PER_TOKEN, MAX_PAGES_TOKENS),
    text: bytes / BYTES_PER_TOKEN,
  }
  return line + Math.ceil(tokens[kind])
}

/** The words around a file: its name, or why it is not shown. */
const MAX_LINE_TOKENS = 100

/** An upper bound for the tokens of a human-written text with current tokenizers: one per two bytes. */
export const maxTokensIn = (text: string): number => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN)
