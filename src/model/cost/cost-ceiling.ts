import type { ReadyForm } from '../prompt/prompt-form.ts'
import { type InputFile, renderTask } from '../prompt/task.ts'
import { documentsIn, isText } from '../request/files.ts'
import type { ModelRequest, Usage } from '../request/request.ts'

/** Tokens that a reply may have where the request does not say, when it is paid out of a budget. */
const LONGEST_REPLY = 4096
/** What a server puts around a prompt: roles, the names of fields, the rules for JSON. */
const FRAME = 256
/** Tokens that an image is at most, however few bytes it has: with gpt-4o-mini, which counts the most for one in its finest detail. */
const IMAGE = 50_000
/** Bytes of sound to a token: 32 tokens for a second, of which nobody makes less than half a KB. */
const SOUND = 16
/** Bytes to a token of everything else. */
const BYTES = 2
/** What is repeated of a reply that did not fit its schema, and what is said of that. */
const COMPLAINT = 1024

/**
 * The most that one call may take, in tokens: those of all that is sent, in the form in which the model is told, which are estimated with room to
 * spare, and all that its reply may have. JSON of a schema may be asked for twice, the second time with the first reply before it.
 */
export function worstCase(
  request: ModelRequest,
  form?: Pick<ReadyForm, 'render'>,
): { readonly usage: Usage; readonly maxTokens: number } {
  const { maxTokens = LONGEST_REPLY, schema, tools = [], rounds = [], files = [] } = request
  const { system, prompt } = (form?.render ?? renderTask)({ ...request, documents: documentsIn(request) })
  const texts = [system, prompt, ...[schema ?? '', tools, rounds].map((part) => JSON.stringify(part))]
  const read = files.reduce((sum, file) => sum + tokensOfFile(file), FRAME)
  const first = texts.reduce((sum, text) => sum + tokensIn(text), read)
  if (!schema) return { usage: { input: first, output: maxTokens }, maxTokens }
  return { usage: { input: 2 * first + maxTokens + COMPLAINT, output: 2 * maxTokens }, maxTokens }
}

/** What is no text: images are what providers cut them into, of the rest so many bytes of it are a token. */
function tokensOfFile(file: InputFile): number {
  const { name = '', mediaType, data } = file
  if (isText(file)) return 0
  const said = tokensIn(name + mediaType)
  if (mediaType.startsWith('image/')) return said + IMAGE
  return said + Math.ceil(Buffer.byteLength(data, 'base64') / (mediaType.startsWith('audio/') ? SOUND : BYTES))
}

/** At least as many tokens as a text has with the tokenizers in use, for any text that people write: one for each two bytes. */
export function tokensIn(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES)
}
