import { is, RetryableError, TerminalError } from '../../errors.ts'
import { failedUsageOf, withFailedUsage } from '../cost/usage.ts'
import type { Refusal } from '../files/named-files.ts'
import { OFFLINE_MODEL_ID } from '../model-id.ts'
import { quoteReply, withFailedReply } from '../reply/failed-reply.ts'
import { classifyError } from './classify-error.ts'
import { causeOf, errorWordsOf, failedGenerationOf, isAnswered, isSuccess, type ProviderError } from './error-words.ts'
import { CALL_FAULTS, type CallFault, hintOf } from './failure-kinds.ts'
import { retryDelayOf } from './retry-delay.ts'

/** The context of a failed call: model, redaction, the caller's signal, elapsed time in ms. */
type FailedCall = {
  readonly model: string
  /** replaces texts that must not be shown */
  redact(text: string): string
  readonly signal: AbortSignal
  readonly now: number
}

const MAX_MESSAGE_LENGTH = 500
/** The SDK's line-by-line explanation of an invalid reply, and the reply that precedes it. */
const SDK_SCHEMA_NOTE = /\nError message: [\s\S]*$/
const SDK_REPLY = /: (?:Value|Text): [\s\S]*$/

/**
 * The error to throw for a failed call: the signal's reason after an abort, a RetryableError (with the delay that the
 * server asks for) if a later call may succeed, or a TerminalError with a hint if it cannot. The code is that of the
 * fault in CALL_FAULTS. The error contains no key and no cause.
 */
export function toCallFailure(error: unknown, context: FailedCall): unknown {
  if (context.signal.aborted) return context.signal.reason
  const own = [error, causeOf(error)].find((one) => is(one))
  const failure = own ?? failureOfCall(asCallError(error), context)
  const spent = failedUsageOf(error)
  return spent && failure !== error ? withFailedUsage(failure, spent) : failure
}

const breaks = new WeakSet<object>()

/** The error, noted as one that came after the beginning of a reply. */
export function asBreak(error: unknown): object {
  const noted = asCallError(error)
  breaks.add(noted)
  return noted
}

/** Some providers send errors as plain text in their streams. */
function asCallError(error: unknown): ProviderError {
  return typeof error === 'object' && error !== null ? error : { message: String(error) }
}

function failureOfCall(error: ProviderError, context: FailedCall): Error {
  // the offline model depends on nothing that could come back
  const fault = context.model === OFFLINE_MODEL_ID ? 'rejected' : classifyError(error)
  const isBroken = fault === 'network' && breaks.has(error)
  const { code, remedy } = isBroken ? { ...CALL_FAULTS.broken, remedy: 'retry' } : CALL_FAULTS[fault]
  if (fault === 'malformed') return malformedCall(error, context)
  const message = messageOf(error, context)
  const hint = isBroken ? undefined : hintOf(hintedFault(error, fault, message), context.model)
  const reply = unreadReplyOf(error)
  const aboutReply = <E extends Error>(failure: E) => (reply === undefined ? failure : withFailedReply(failure, reply))
  if (remedy !== 'retry') return aboutReply(new TerminalError(message, { code, hint }))
  const delay = retryDelayOf(error, context.now)
  return aboutReply(new RetryableError(message, { code, hint, ...(delay !== undefined && { delay }) }))
}

/** Faults whose words may say that the model takes no pictures. */
const ABOUT_REQUEST: ReadonlySet<CallFault> = new Set(['rejected', 'not_found', 'overload', 'network'])
/** A place such as `content[1].image_url`, and `Invalid base64 image_url`, are about one picture. */
const NO_PICTURES =
  /(?<!\d\]?\.|base64 )image_url|image input|not a multimodal|not support (?:images?|vision)\b|(?:images?|vision)\b.{0,20} not supported/i

function hintedFault(error: ProviderError, fault: CallFault, message: string): Parameters<typeof hintOf>[0] {
  if (isWebPage(error)) return 'url'
  if (isNoAnswer(error, fault)) return 'no_answer'
  return saysNoPictures(fault, message) ? 'no_pictures' : fault
}

const saysNoPictures = (fault: CallFault, message: string): boolean =>
  ABOUT_REQUEST.has(fault) && NO_PICTURES.test(message)

/** Whether a provider refused a request because its model takes no pictures. */
export function isPictureRefused(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const errors: readonly ProviderError[] = [error, causeOf(error) ?? error]
  return errors.some((one) => saysNoPictures(classifyError(one), errorWordsOf(one).text))
}

/** The words by which a provider refused a request; undefined: it did not refuse it, or for a reason of its own. */
export function refusalIn(error: unknown): Refusal | undefined {
  if (typeof error !== 'object' || error === null || is(error) || is(causeOf(error))) return undefined
  const errors: readonly ProviderError[] = [error, causeOf(error) ?? error]
  const found = errors.find((one) => classifyError(one) === 'rejected' && !breaks.has(one))
  if (!found) return undefined
  const { text, sentence } = errorWordsOf(found)
  return { words: refusalWords(found, sentence), text, body: found.requestBodyValues }
}

/** The SDK wraps an error that is an event of a stream. */
function malformedCall(error: ProviderError, context: MalformedCall): Error {
  const own = [error, causeOf(error) as ProviderError].find((one) => failedGenerationOf(one) !== undefined) ?? error
  return malformedReply(refusalWords(own, errorWordsOf(own).sentence), failedGenerationOf(own), context)
}

/** The error of a reply with a call that the provider could not read. `wrote`: what the model wrote, if it is known. */
export function malformedReply(words: string, wrote: string | undefined, { model, redact }: MalformedCall) {
  const { code } = CALL_FAULTS.malformed
  const quote = wrote === undefined ? '' : `: ${quoteReply(wrote, redact)}`
  const message = `Model ${model} wrote a call that cannot be read: ${redact(words).slice(0, MAX_MESSAGE_LENGTH)}${quote}`
  const failure = new TerminalError(message, { code, hint: hintOf('malformed', model) })
  return wrote === undefined ? failure : withFailedReply(failure, wrote)
}

type MalformedCall = Pick<FailedCall, 'model' | 'redact'>

/** The reply of a model that the SDK cannot read; undefined for an error that a server reported. */
function unreadReplyOf(error: ProviderError): string | undefined {
  if (!isAnswered(error)) return undefined
  const { responseBody } = error
  if (responseBody !== undefined && responseBody !== '') return responseBody
  const [found] = [error, causeOf(error)].flatMap((one) => {
    const { text, value } = (one ?? {}) as { readonly text?: unknown; readonly value?: unknown }
    return typeof text === 'string' ? [text] : value === undefined ? [] : [JSON.stringify(value)]
  })
  return found
}

const isNoAnswer = ({ statusCode, isRetryable }: ProviderError, fault: CallFault) =>
  fault === 'network' && statusCode === undefined && isRetryable === true

/** A server that answers with a web page may be the wrong one, or a proxy may stand in for it for a while. */
const isWebPage = (error: ProviderError) =>
  isSuccess(error.statusCode) && /^\s*<(?:!doctype|html)/i.test(error.responseBody ?? '')

function messageOf(error: ProviderError, { model, redact }: FailedCall): string {
  const { status, sentence } = errorWordsOf(error)
  const isUnread = isSuccess(status)
  const said = isUnread ? unreadWords(error) : refusalWords(error, sentence)
  const reply = isWebPage(error) ? undefined : unreadReplyOf(error)
  const words = reply === undefined ? said.replace(SDK_SCHEMA_NOTE, '') : said.replace(SDK_REPLY, '')
  const shown = redact(words).slice(0, MAX_MESSAGE_LENGTH)
  const quote = reply === undefined ? '' : `: ${quoteReply(reply, redact)}`
  if (isUnread || reply !== undefined) return `Model ${model} failed: its reply cannot be read: ${shown}${quote}`
  return `Model ${model} failed${status === undefined ? '' : ` with status ${status}`}: ${shown}`
}

/** If the server has answered, the cause explains the error. */
function unreadWords(error: ProviderError): string {
  if (isWebPage(error)) return 'it is a web page'
  const why = (causeOf(error) as Partial<Error> | undefined)?.message
  return typeof why === 'string' ? why : wordsOf(error)
}

/** The SDK knows the errors of one form. It gives the name of the status for others. */
function refusalWords(error: ProviderError, sentence: string | undefined): string {
  const said = wordsOf(error)
  return sentence === undefined || error.responseBody?.includes(said) ? said : sentence
}

const wordsOf = ({ message }: ProviderError) => message || 'no reason was given'
