import type { LanguageModelV4 } from '@ai-sdk/provider'
import { RetryableError, TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { sumUsage, withFailedUsage } from '../cost/usage.ts'
import { OFFLINE_PROVIDER } from '../model-id.ts'
import type { CompiledForm } from '../prompt/prompt-form.ts'
import type { Document } from '../prompt/task.ts'
import { allDocuments } from '../request/files.ts'
import { renderRequest } from '../request/messages.ts'
import type { Citation, GenerateOptions, ModelReply, ModelRequest } from '../request/request.ts'
import { createObjectCheck, type ObjectCheck } from '../structured-output/check-object.ts'
import { callModel, type ModelCall } from './call-model.ts'
import { interruptedReply, type RawCitation, type RawReply } from './reply.ts'

type RenderedCall = ModelCall & Partial<Pick<CompiledForm, 'read'>>
/** The prompt form of the call, and the context window of its model; absent: the default form, an unknown window. */
export type CallFacts = { readonly form?: CompiledForm | undefined; readonly window?: number | undefined }
type CheckedAnswer = { readonly reply: RawReply; readonly object?: Json; readonly earlier?: RawReply }

const MAX_REPEATED_LENGTH = 20_000

/**
 * One reply of a model to a request. JSON is checked against the schema, and an invalid reply is requested once more; then the error is
 * `model_invalid_output`. An empty reply is `model_empty_output`. JSON that was cut off is `model_truncated_output`, as is a reply that
 * ended before the model finished thinking.
 */
export async function generateReply(
  id: string,
  model: LanguageModelV4,
  request: ModelRequest,
  options: GenerateOptions,
  { form, window }: CallFacts = {},
): Promise<ModelReply> {
  const documents = allDocuments(request)
  const rendered = renderRequest(request, form)
  const call: RenderedCall = { id, window, model, request, rendered, since: [], ...(form && { read: form.read }) }
  const answered = request.schema
    ? await askForObject(id, call, await createObjectCheck(request.schema, options), options)
    : await ask(id, call, options)
  const { reply, object, earlier } = answered
  return {
    text: reply.text,
    ...(object !== undefined && { object }),
    citations: citationsOf(reply.citations, documents),
    usage: sumUsage(earlier ? [earlier.usage, reply.usage] : [reply.usage]),
    model: id,
    ...(reply.calls.length > 0 && { calls: reply.calls, said: reply.said }),
    ...verdictOf(reply),
  }
}

async function ask(id: string, call: RenderedCall, options: GenerateOptions): Promise<CheckedAnswer> {
  const said = await callModel(call, options)
  const reply = call.read ? { ...said, text: call.read(said.text) } : said
  const fault = faultIn(id, reply)
  if (fault) throw withFailedUsage(fault, { model: id, usage: reply.usage })
  return { reply }
}

/** Rejects replies that are incomplete or empty. */
function faultIn(id: string, reply: RawReply): Error | undefined {
  if (reply.finishReason === 'error' || reply.finishReason === 'interrupted') return interruptedReply()
  if (reply.text.trim() !== '' || reply.calls.length > 0 || refusalOf(reply) !== undefined) return undefined
  if (reply.finishReason === 'length') return truncated(id, 'it said anything')
  return new RetryableError(`model ${id} gave an empty reply`, { code: 'model_empty_output' })
}

/** The same request would be cut off again, and be paid again. */
function truncated(id: string, before: string): TerminalError {
  return new TerminalError(`model ${id} reached its limit of tokens before ${before}`, {
    code: 'model_truncated_output',
    hint: 'Raise the limit: `max_tokens` of a step, `maxTokens` in a program.',
  })
}

async function askForObject(
  id: string,
  call: RenderedCall,
  check: ObjectCheck,
  options: GenerateOptions,
): Promise<CheckedAnswer> {
  const first = await askWhole(id, call, options)
  if (first.calls.length > 0 || refusalOf(first) !== undefined) return { reply: first }
  const checked = await check(first.text)
  if ('object' in checked) return { reply: first, object: checked.object }
  const again = askAgain(call, first.text, checked.wrong)
  const { onDelta: _, ...unheard } = options
  const second = await askWhole(id, again, unheard).catch((error: object) => {
    throw withFailedUsage(error, { model: id, usage: first.usage })
  })
  const repaired = await check(second.text)
  if ('object' in repaired) return { reply: second, object: repaired.object, earlier: first }
  const message = `model ${id} did not give JSON that fits the schema, asked twice: ${repaired.wrong}`
  throw withFailedUsage(new TerminalError(message, { code: 'model_invalid_output' }), {
    model: id,
    usage: sumUsage([first.usage, second.usage]),
  })
}

async function askWhole(id: string, call: RenderedCall, options: GenerateOptions): Promise<RawReply> {
  const { reply } = await ask(id, call, options)
  if (reply.finishReason !== 'length') return reply
  throw withFailedUsage(truncated(id, 'its JSON was complete'), { model: id, usage: reply.usage })
}

function askAgain(call: RenderedCall, text: string, wrong: string): RenderedCall {
  const complaint = `That does not fit the JSON Schema: ${wrong}. Answer again, with JSON alone.`
  return {
    ...call,
    since: [said('assistant', text.slice(0, MAX_REPEATED_LENGTH)), said('user', complaint)],
  }
}

function said(role: 'assistant' | 'user', text: string) {
  return { role, content: [{ type: 'text' as const, text }] }
}

/** Why the model declined, by its own metadata or a provider's filter. */
function refusalOf({ finishReason, metadata }: RawReply): string | undefined {
  const said = metadata[OFFLINE_PROVIDER]
  if (said?.refused === true) return String(said.why)
  return finishReason === 'content-filter' ? 'the provider filtered the reply' : undefined
}

function verdictOf(reply: RawReply): Pick<ModelReply, 'refused' | 'unsure' | 'confidence'> {
  const refused = refusalOf(reply)
  const { confidence, unsure } = reply.metadata[OFFLINE_PROVIDER] ?? {}
  return {
    ...(refused !== undefined && { refused }),
    ...(unsure === true && { unsure }),
    ...(typeof confidence === 'number' && { confidence }),
  }
}

/** The citations of a reply, mapped to the given documents. Offsets are present only if the quoted text stands at them. */
function citationsOf(raw: readonly RawCitation[], documents: readonly Document[]): Citation[] {
  return raw.map((citation) => placedCitation(citation, documents) ?? foundCitation(citation, documents))
}

/** The offline model states the document and the offsets. */
function placedCitation({ source }: RawCitation, documents: readonly Document[]): Citation | undefined {
  const { document: order, start, end } = source.providerMetadata?.[OFFLINE_PROVIDER] ?? {}
  if (typeof order !== 'number' || typeof start !== 'number' || typeof end !== 'number') return undefined
  const document = documents[order]
  return document && { document: document.name, text: document.text.slice(start, end), start, end }
}

/** Other models only quote: the offsets are those of the first literal occurrence of the quote. */
function foundCitation({ source, citedText = '' }: RawCitation, documents: readonly Document[]): Citation {
  const name = source.title ?? source.id
  const start =
    citedText === '' ? -1 : (documents.find((document) => document.name === name)?.text.indexOf(citedText) ?? -1)
  return { document: name, text: citedText, ...(start >= 0 && { start, end: start + citedText.length }) }
}
