import type { CompiledForm } from '../prompt/prompt-form.ts'
import { type InputFile, renderTask } from '../prompt/task.ts'
import { allDocuments, isTextFile } from '../request/files.ts'
import type { ModelRequest, Usage } from '../request/request.ts'

/** Tokens that a reply may have where the request does not say, when it is paid out of a budget. */
const MAX_REPLY_TOKENS = 4096
/** What a server puts around a prompt: roles, the names of fields, the rules for JSON. */
const PROMPT_OVERHEAD_TOKENS = 256
/** Tokens that an image is at most, however few bytes it has: with gpt-4o-mini, which counts the most for one in its finest detail. */
const MAX_IMAGE_TOKENS = 50_000
/** Bytes of sound to a token: 32 tokens for a second, of which nobody makes less than half a KB. */
const BYTES_PER_AUDIO_TOKEN = 16
/** Bytes to a token of everything else. */
const BYTES_PER_TOKEN = 2
/** What is repeated of a reply that did not fit its schema, and what is said of that. */
const COMPLAINT_TOKENS = 1024

/**
 * The most that one call may take, in tokens: those of all that is sent, in the form in which the model is told, which are estimated with room to
 * spare, and all that its reply may have. JSON of a schema may be asked for twice, the second time with the first reply before it.
 */
export function maxUsage(
  request: ModelRequest,
  form?: Pick<CompiledForm, 'render'>,
): { readonly usage: Usage; readonly maxTokens: number } {
  const { maxTokens = MAX_REPLY_TOKENS, schema, tools = [], rounds = [], files = [] } = request
  const { system, prompt } = (form?.render ?? renderTask)({ ...request, documents: allDocuments(request) })
  const texts = [system, prompt, ...[schema ?? '', tools, rounds].map((part) => JSON.stringify(part))]
  const read = files.reduce((sum, file) => sum + maxFileTokens(file), PROMPT_OVERHEAD_TOKENS)
  const first = texts.reduce((sum, text) => sum + maxTokensIn(text), read)
  if (!schema) return { usage: { input: first, output: maxTokens }, maxTokens }
  return { usage: { input: 2 * first + maxTokens + COMPLAINT_TOKENS, output: 2 * maxTokens }, maxTokens }
}

/** What is no text: images are what providers cut them into, of the rest so many bytes of it are a token. */
function maxFileTokens(file: InputFile): number {
  const { name = '', mediaType, data } = file
  if (isTextFile(file)) return 0
  const said = maxTokensIn(name + mediaType)
  if (mediaType.startsWith('image/')) return said + MAX_IMAGE_TOKENS
  return (
    said +
    Math.ceil(
      Buffer.byteLength(data, 'base64') / (mediaType.startsWith('audio/') ? BYTES_PER_AUDIO_TOKEN : BYTES_PER_TOKEN),
    )
  )
}

/** At least as many tokens as a text has with the tokenizers in use, for any text that people write: one for each two bytes. */
export function maxTokensIn(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN)
}
