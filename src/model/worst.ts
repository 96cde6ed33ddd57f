import type { ModelRequest, Usage } from './spec.ts'
import { type InputFile, renderTask } from './task.ts'

/** Tokens that a reply may have where the request does not say, when it is paid out of a budget. */
const LONGEST_REPLY = 4096
/** What a server puts around a prompt: roles, the names of fields, the rules for JSON. */
const FRAME = 256
/** Tokens that an image is at most: what it is with the model that counts the most for one, in its finest detail. */
const LARGEST_IMAGE = 50_000
/** What is repeated of a reply that did not fit its schema, and what is said of that. */
const COMPLAINT = 1024

/**
 * The most that one call may take, in tokens: those of all that is sent, which are estimated with room to spare, and all that its reply may have.
 * JSON of a schema may be asked for twice, the second time with the first reply before it.
 */
export function worstCase(request: ModelRequest): { readonly usage: Usage; readonly maxTokens: number } {
  const { maxTokens = LONGEST_REPLY, schema, tools = [], rounds = [], files = [] } = request
  const { system, prompt } = renderTask(request)
  const texts = [system, prompt, ...[schema ?? '', tools, rounds].map((part) => JSON.stringify(part))]
  const read = files.reduce((sum, file) => sum + tokensOfFile(file), FRAME)
  const first = texts.reduce((sum, text) => sum + tokensIn(text), read)
  if (!schema) return { usage: { input: first, output: maxTokens }, maxTokens }
  return { usage: { input: 2 * first + maxTokens + COMPLAINT, output: 2 * maxTokens }, maxTokens }
}

/** An image is no more tokens than what its provider cuts it into, however many bytes it has. */
function tokensOfFile({ mediaType, data }: InputFile): number {
  return mediaType.startsWith('image/') ? Math.min(LARGEST_IMAGE, tokensIn(data)) : tokensIn(data)
}

/** At least as many tokens as a text has with the tokenizers in use, for any text that people write: one for each two bytes. */
export function tokensIn(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 2)
}
