import { is, RetryableError, TerminalError } from '../../errors.ts'
import { spentOn, withSpent } from '../cost/usage.ts'
import { type CallError, delayIn, FAULTS, faultOf } from './failure-kinds.ts'

/** What is known about a failed call: the model asked, what takes secrets out of what is said, the caller's signal, the time in ms. */
export type CallContext = {
  readonly model: string
  /** takes out of a text what must not be shown */
  redact(text: string): string
  readonly signal: AbortSignal
  readonly now: number
}

const LONGEST_MESSAGE = 500
/** What the SDK has to say, line by line, of a reply that it cannot read; what came stands before it. */
const SCHEMA_TALK = /\nError message: [\s\S]*$/

/**
 * The error to throw for a failed call: the signal's reason after an abort; RetryableError (with the server's delay, at most
 * ten minutes) for what may pass; TerminalError for what another try will not change. Its code is that of its kind in FAULTS. No key stands in it,
 * and no cause.
 */
export function failureOf(error: unknown, context: CallContext): unknown {
  if (context.signal.aborted) return context.signal.reason
  const own = [error, causeOf(error)].find((one) => is(one))
  const failure = own ?? failureOfCall(asCallError(error), context)
  const spent = spentOn(error)
  return spent && failure !== error ? withSpent(failure, spent) : failure
}

/** What is thrown while a reply is read the SDK wraps. */
const causeOf = (error: unknown) => (error as { readonly cause?: unknown } | null | undefined)?.cause

/** Some providers put a bare text into their streams. */
function asCallError(error: unknown): CallError {
  return typeof error === 'object' && error !== null ? error : { message: String(error) }
}

function failureOfCall(error: CallError, context: CallContext): Error {
  const { code, remedy } = FAULTS[faultOf(error)]
  const message = messageOf(error, context)
  if (remedy !== 'retry') return new TerminalError(message, { code })
  const delay = delayIn(error, context.now)
  return new RetryableError(message, { code, ...(delay !== undefined && { delay }) })
}

function messageOf(error: CallError, { model, redact }: CallContext): string {
  const { statusCode: status } = error
  const said = redact(wordsOf(error).replace(SCHEMA_TALK, '')).slice(0, LONGEST_MESSAGE)
  if (isAnswered(error)) return `model ${model} failed: its reply cannot be read: ${said}`
  return `model ${model} failed${status === undefined ? '' : ` with status ${status}`}: ${said}`
}

const isAnswered = ({ statusCode: status = 0 }: CallError) => status >= 200 && status < 300

/** Of a server that has answered it is its cause that tells what is wrong. */
function wordsOf(error: CallError): string {
  const { message = 'no reason was given' } = error
  const why = isAnswered(error) ? (causeOf(error) as Partial<Error> | undefined)?.message : undefined
  return typeof why === 'string' ? why : message
}
