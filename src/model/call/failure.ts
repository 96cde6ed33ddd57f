import { is, RetryableError, TerminalError } from '../../errors.ts'
import { failedUsageOf, withFailedUsage } from '../cost/usage.ts'
import { classifyError } from './classify-error.ts'
import { causeOf, errorWordsOf, isSuccess, type ProviderError } from './error-words.ts'
import { CALL_FAULTS, type CallFault, hintOf } from './failure-kinds.ts'
import { retryDelayOf } from './retry-delay.ts'

/** The context of a failed call: model, redaction, the caller's signal, elapsed time in ms. */
export type FailedCall = {
  readonly model: string
  /** replaces texts that must not be shown */
  redact(text: string): string
  readonly signal: AbortSignal
  readonly now: number
}

const MAX_MESSAGE_LENGTH = 500
/** The SDK's line-by-line explanation of an invalid reply, without the reply that precedes it. */
const SDK_SCHEMA_NOTE = /\nError message: [\s\S]*$/

/**
 * The error to throw for a failed call: the signal's reason after an abort, a RetryableError (with the delay that the server
 * asks for) if a later call may succeed, or a TerminalError with a hint if it cannot. The code is that of the fault in CALL_FAULTS. The error
 * contains no key and no cause.
 */
export function toCallFailure(error: unknown, context: FailedCall): unknown {
  if (context.signal.aborted) return context.signal.reason
  const own = [error, causeOf(error)].find((one) => is(one))
  const failure = own ?? failureOfCall(asCallError(error), context)
  const spent = failedUsageOf(error)
  return spent && failure !== error ? withFailedUsage(failure, spent) : failure
}

/** Some providers send errors as plain text in their streams. */
function asCallError(error: unknown): ProviderError {
  return typeof error === 'object' && error !== null ? error : { message: String(error) }
}

function failureOfCall(error: ProviderError, context: FailedCall): Error {
  const fault = classifyError(error)
  const { code, remedy } = CALL_FAULTS[fault]
  const message = messageOf(error, context)
  const hint = hintOf(isWebPage(error) ? 'url' : isNoAnswer(error, fault) ? 'no_answer' : fault, context.model)
  if (remedy !== 'retry') return new TerminalError(message, { code, hint })
  const delay = retryDelayOf(error, context.now)
  return new RetryableError(message, { code, hint, ...(delay !== undefined && { delay }) })
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
  const shown = redact(said.replace(SDK_SCHEMA_NOTE, '')).slice(0, MAX_MESSAGE_LENGTH)
  if (isUnread) return `model ${model} failed: its reply cannot be read: ${shown}`
  return `model ${model} failed${status === undefined ? '' : ` with status ${status}`}: ${shown}`
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
