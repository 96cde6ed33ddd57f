import { is, RetryableError, TerminalError } from '../../errors.ts'
import { failedUsageOf, withFailedUsage } from '../cost/usage.ts'
import { CALL_FAULTS, causeOf, classifyError, hasSucceeded, type ProviderError, retryDelayOf } from './failure-kinds.ts'

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
 * The error to throw for a failed call: the signal's reason after an abort, a RetryableError (with the server's delay, at most ten minutes)
 * if a later call may succeed, or a TerminalError if it cannot. The code is that of the fault in FAULTS. The error contains no key and no
 * cause.
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
  const { code, remedy } = CALL_FAULTS[classifyError(error)]
  const message = messageOf(error, context)
  if (remedy !== 'retry') return new TerminalError(message, { code })
  const delay = retryDelayOf(error, context.now)
  return new RetryableError(message, { code, ...(delay !== undefined && { delay }) })
}

function messageOf(error: ProviderError, { model, redact }: FailedCall): string {
  const { statusCode: status } = error
  const said = redact(wordsOf(error).replace(SDK_SCHEMA_NOTE, '')).slice(0, MAX_MESSAGE_LENGTH)
  if (hasSucceeded(error)) return `model ${model} failed: its reply cannot be read: ${said}`
  return `model ${model} failed${status === undefined ? '' : ` with status ${status}`}: ${said}`
}

/** If the server has answered, the cause explains the error. */
function wordsOf(error: ProviderError): string {
  const { message = 'no reason was given' } = error
  const why = hasSucceeded(error) ? (causeOf(error) as Partial<Error> | undefined)?.message : undefined
  return typeof why === 'string' ? why : message
}
