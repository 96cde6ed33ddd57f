import type { LanguageModelV4 } from '@ai-sdk/provider'
import { RetryableError, TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { Spent } from '../cost/price.ts'
import { sumSpent, type UsageEstimate, withFailedUsage } from '../cost/usage.ts'
import type { ShownFiles } from '../files/shown-file.ts'
import { OFFLINE_PROVIDER } from '../model-id.ts'
import type { CompiledForm } from '../prompt/prompt-form.ts'
import type { Document } from '../prompt/task.ts'
import { type CutEnding, describeEnding, NO_FINISH_REASON } from '../reply/ending.ts'
import { quoteReply, withFailedReply } from '../reply/failed-reply.ts'
import { keepFiles } from '../reply/made-files.ts'
import { allDocuments } from '../request/files.ts'
import { renderRequest } from '../request/messages.ts'
import type { Citation, GenerateOptions, ModelReply, ModelRequest } from '../request/request.ts'
import { type CheckedObject, createObjectCheck, type ObjectCheck } from '../structured-output/check-object.ts'
import { hasWholeJson } from '../structured-output/read-json.ts'
import { AS_IT_IS, type WireRules } from '../wire/rules.ts'
import { callForJson, type JsonModes } from './call-for-json.ts'
import { callModel, type ModelCall } from './call-model.ts'
import { malformedReply } from './failure.ts'
import type { LostItems } from './lost-items.ts'
import { interruptedReply, type RawCitation, type RawReply, unsaidReply } from './reply.ts'

type RenderedCall = ModelCall & Partial<Pick<CompiledForm, 'read'>> & Pick<CallFacts, 'redact' | 'modes'>
/** The facts about the model of a call, and the redaction of quotes. */
type CallFacts = Pick<UsageEstimate, 'window' | 'price' | 'promptCache'> & {
  /** absent: the default form */
  readonly form?: CompiledForm | undefined
  /** what its server demands; absent: nothing */
  readonly rules?: WireRules
  /** how it is asked for JSON; absent: by the schema */
  readonly modes?: JsonModes | undefined
  readonly lost?: LostItems | undefined
  /** how the files of the request are shown; absent: it has none */
  readonly shown?: ShownFiles | undefined
  readonly redact?: ((text: string) => string) | undefined
}
type CheckedAnswer = { readonly reply: RawReply; readonly object?: Json; readonly earlier?: RawReply }

const MAX_REPEATED_LENGTH = 20_000

/**
 * One reply of a model to a request. JSON is checked against the schema, and an invalid reply is requested once more;
 * then the error is `model_invalid_output`. An empty reply is `model_empty_output`. A reply whose end is missing is
 * `cut` and says so in `lacks`. It is `model_truncated_output` if it is JSON, if the request says `fail`, or if it
 * ended before the model finished thinking. Errors about a reply quote it.
 */
export async function generateReply(
  id: string,
  model: LanguageModelV4,
  request: ModelRequest,
  options: GenerateOptions,
  { form, redact, rules = AS_IT_IS, modes, lost, shown, ...facts }: CallFacts = {},
): Promise<ModelReply> {
  const documents = allDocuments(request)
  const rendered = renderRequest(request, form)
  const call: RenderedCall = {
    ...facts,
    id,
    model,
    request,
    rendered,
    since: [],
    rules,
    json: rules.json,
    modes,
    lost,
    shown,
    redact,
    ...(form && { read: form.read }),
  }
  const answered = request.schema
    ? await askForObject(id, call, await createObjectCheck(request.schema, options), options)
    : await ask(id, call, options)
  const { reply, object, earlier } = answered
  const { files, lacks } = await keepFiles(reply.files, options)
  return {
    text: reply.text,
    ...(object !== undefined && { object }),
    citations: citationsOf(reply.citations, documents),
    ...sumSpent(earlier ? [earlier, reply] : [reply]),
    model: id,
    ...(reply.calls.length > 0 && { calls: reply.calls, said: reply.said }),
    ...(files.length > 0 && { files }),
    ...lacksOf(answered, id, request, lacks),
    ...verdictOf(call, reply),
  }
}

function lacksOf(
  { reply, object, earlier }: CheckedAnswer,
  id: string,
  request: ModelRequest,
  lost: readonly string[],
) {
  const lacks = [...(earlier?.lacks ?? []), ...(reply.lacks ?? []), ...lost]
  if (isCut(reply) && object === undefined)
    return { cut: true as const, lacks: [...lacks, describeEnding(id, reply.ending, request)] }
  return lacks.length > 0 ? { lacks } : {}
}

type CutReply = RawReply & { readonly ending: CutEnding }

/** Whether the end of a text is missing. A cut call is marked itself. */
const isCut = (reply: RawReply): reply is CutReply => reply.ending.type === 'cut' && reply.calls.length === 0

async function ask(id: string, call: RenderedCall, options: GenerateOptions): Promise<CheckedAnswer> {
  const { modes, request } = call
  const said = await (modes && request.schema ? callForJson(call, modes, options) : callModel(call, options))
  const reply = call.read ? { ...said, text: call.read(said.text) } : said
  const fault = faultIn(call, reply) ?? (isRefusedCut(call, reply) ? truncated(call, reply) : undefined)
  if (fault) throw counted(fault, id, reply)
  return { reply }
}

const isRefusedCut = ({ request: { onTruncated, schema } }: RenderedCall, reply: RawReply): reply is CutReply =>
  onTruncated === 'fail' && !schema && isCut(reply)

const same = (text: string) => text

/** Rejects replies that are incomplete or empty. */
function faultIn({ id, redact = same, request }: RenderedCall, reply: RawReply): Error | undefined {
  if (reply.ending.type === 'malformed')
    return malformedReply(reply.ending.why, reply.text.trim() === '' ? undefined : reply.text, { model: id, redact })
  const isSaid = reply.text.trim() !== '' || reply.calls.length > 0 || reply.files.length > 0
  if (reply.ending.type === 'broken') return isSaid ? interruptedReply(id) : unsaidReply(id)
  if (isSaid || refusalOf(reply) !== undefined) return undefined
  if (reply.ending.type === 'cut' && reply.ending.by === 'tokens')
    return noRoom(id, request.maxTokens ?? reply.usage.output)
  if (reply.ending.type === 'cut' && reply.ending.word === NO_FINISH_REASON) return unsaidReply(id)
  return new RetryableError(`Model ${id} gave an empty reply.`, { code: 'model_empty_output' })
}

/** The same request would be cut off again, and be paid again. */
function truncated({ id, request, redact }: RenderedCall, { text, ending }: CutReply): TerminalError {
  const where = request.schema
    ? `${describeEnding(id, ending, request)}; its JSON is not complete`
    : describeEnding(id, ending, request)
  return withFailedReply(tooShort(`${where}: ${quoteReply(text, redact)}`), text)
}

/** A reply of thoughts alone. `room` among its facts is the limit, which was too low. */
const noRoom = (id: string, room: number) =>
  new TerminalError(`Model ${id} reached its limit of ${room} tokens before it said anything.`, {
    code: 'model_truncated_output',
    hint: 'Give it room: `maxTokens` of the agent or of the model, `max_tokens` for a step. Or let it think less: `reasoning: { effort: low }`.',
    data: { room },
  })

const tooShort = (message: string) =>
  new TerminalError(message, {
    code: 'model_truncated_output',
    hint: 'Raise the limit (`max_tokens` of a step, `maxTokens` in a program), or write `on_truncated: continue`.',
  })

async function askForObject(
  id: string,
  call: RenderedCall,
  check: ObjectCheck,
  options: GenerateOptions,
): Promise<CheckedAnswer> {
  const { reply: first } = await ask(id, call, options)
  if (first.calls.length > 0 || refusalOf(first) !== undefined) return { reply: first }
  const checked = await checkReply(call, first, check)
  if (checked === 'cut') return { reply: first }
  if ('object' in checked) return { reply: first, object: checked.object }
  const again = askAgain(call, first.text, checked.wrong)
  const { onDelta: _, ...unheard } = options
  const { reply: second } = await ask(id, again, unheard).catch((error: object) => {
    throw counted(error, id, first)
  })
  const repaired = await checkReply(call, second, check).catch((error: object) => {
    throw counted(error, id, first)
  })
  if (repaired === 'cut') return { reply: second, earlier: first }
  if ('object' in repaired) return { reply: second, object: repaired.object, earlier: first }
  throw counted(misfit(call, second.text, repaired.wrong), id, sumSpent([first, second]))
}

/** The error of a reply that was paid. */
const counted = <Failure extends object>(error: Failure, model: string, { usage, cost }: Spent): Failure =>
  withFailedUsage(error, { model, usage, ...(cost !== undefined && { cost }) })

function misfit({ id, redact }: RenderedCall, text: string, wrong: string): TerminalError {
  const message = `Model ${id} did not give JSON that fits the schema, asked twice: ${wrong}: ${quoteReply(text, redact)}`
  return withFailedReply(new TerminalError(message, { code: 'model_invalid_output' }), text)
}

/** The JSON of a reply. A cut reply counts if its JSON is complete. `cut`: the caller asks for the rest. */
async function checkReply(call: RenderedCall, reply: RawReply, check: ObjectCheck): Promise<CheckedObject | 'cut'> {
  if (!isCut(reply)) return check(reply.text)
  const checked = hasWholeJson(reply.text) ? await check(reply.text) : undefined
  if (checked && 'object' in checked) return checked
  if (call.request.onTruncated === 'continue') return 'cut'
  throw counted(truncated(call, reply), call.id, reply)
}

function askAgain(call: RenderedCall, text: string, wrong: string): RenderedCall {
  const complaint = `That does not fit the JSON Schema: ${wrong}. Answer again, with JSON alone.`
  return { ...call, since: [said('assistant', text.slice(0, MAX_REPEATED_LENGTH)), said('user', complaint)] }
}

const said = (role: 'assistant' | 'user', text: string) => ({ role, content: [{ type: 'text' as const, text }] })

/** Why the model declined, by its own metadata or a provider's filter. */
function refusalOf({ ending, metadata }: RawReply): string | undefined {
  const said = metadata[OFFLINE_PROVIDER]
  if (said?.refused === true) return String(said.why)
  return ending.type === 'refused' ? ending.why : undefined
}

function verdictOf({ redact }: RenderedCall, reply: RawReply): Pick<ModelReply, 'refused' | 'unsure' | 'confidence'> {
  const why = refusalOf(reply)
  const isQuoted = reply.ending.type === 'refused' && reply.text.trim() !== ''
  const refused = isQuoted && why !== undefined ? `${why}: ${quoteReply(reply.text, redact)}` : why
  const { confidence, unsure } = reply.metadata[OFFLINE_PROVIDER] ?? {}
  return {
    ...(refused !== undefined && { refused }),
    ...(unsure === true && { unsure }),
    ...(typeof confidence === 'number' && { confidence }),
  }
}

/** The citations of a reply, mapped to the documents. Offsets are there only if the quoted text stands at them. */
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
