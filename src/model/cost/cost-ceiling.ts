import type { CompiledForm } from '../prompt/prompt-form.ts'
import { type RenderedPrompt, renderTask } from '../prompt/task.ts'
import { allDocuments, bytesOfFile, isReference, isTextFile, typeOfFile } from '../request/files.ts'
import type { ModelRequest, RequestFile, Usage } from '../request/request.ts'

/** Maximum reply tokens of a budgeted request that sets no limit. */
const MAX_REPLY_TOKENS = 4096
/** Tokens that a server adds to a prompt: roles, field names, JSON rules. */
const PROMPT_OVERHEAD_TOKENS = 256
/** Maximum tokens of an image of any size: gpt-4o-mini counts the most, at its finest detail. */
const MAX_IMAGE_TOKENS = 50_000
/** Bytes of audio per token: 32 tokens per second, at no less than half a KB per second. */
const BYTES_PER_AUDIO_TOKEN = 16
/** Bytes per token of all other content. */
const BYTES_PER_TOKEN = 2
/** Allowance for the repeated reply and the error note when a reply did not match its schema. */
const COMPLAINT_TOKENS = 1024

/**
 * The maximum tokens of one call: an estimate with a margin for everything that is sent, in the model's prompt form,
 * plus the maximum reply. A call with a schema may be made twice, the second time with the first reply in its prompt.
 */
export function maxUsage(
  request: ModelRequest,
  form?: Pick<CompiledForm, 'render'>,
): { readonly usage: Usage; readonly maxTokens: number } {
  const { schema, reasoning } = request
  const thoughts = reasoning && 'tokens' in reasoning ? reasoning.tokens : 0
  const { maxTokens = MAX_REPLY_TOKENS + thoughts } = request
  const first = maxInput(request, (form?.render ?? renderTask)({ ...request, documents: allDocuments(request) }))
  if (!schema) return { usage: { input: first, output: maxTokens }, maxTokens }
  return { usage: { input: 2 * first + maxTokens + COMPLAINT_TOKENS, output: 2 * maxTokens }, maxTokens }
}

/**
 * The maximum tokens that a rendered request sends. `since`: the
 * messages that were added when the model was asked again.
 */
export function maxInput(
  { schema, tools = [], rounds = [], files = [] }: ModelRequest,
  { system, prompt }: Pick<RenderedPrompt, 'system' | 'prompt'>,
  since: readonly unknown[] = [],
): number {
  const parts = since.length > 0 ? [schema ?? '', tools, rounds, since] : [schema ?? '', tools, rounds]
  const texts = [system, prompt, ...parts.map((part) => JSON.stringify(part))]
  const read = files.reduce((sum, file) => sum + maxFileTokens(file), PROMPT_OVERHEAD_TOKENS)
  return texts.reduce((sum, text) => sum + maxTokensIn(text), read)
}

/** Tokens of a file that is not text: images are cut into tiles, others count by bytes. */
function maxFileTokens(file: RequestFile): number {
  const { name = '' } = file
  const mediaType = typeOfFile(file)
  // the text of another file is counted with the prompt
  if (isTextFile(file) && !isReference(file)) return 0
  const said = maxTokensIn(name + mediaType)
  if (mediaType.startsWith('image/')) return said + MAX_IMAGE_TOKENS
  return (
    said + Math.ceil(bytesOfFile(file) / (mediaType.startsWith('audio/') ? BYTES_PER_AUDIO_TOKEN : BYTES_PER_TOKEN))
  )
}

/** An upper bound for the tokens of a human-written text with current tokenizers: one per two bytes. */
export function maxTokensIn(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN)
}
