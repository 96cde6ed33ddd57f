import { is, RetryableError, TerminalError } from '../errors.ts'
import { spentOn, withSpent } from './spent.ts'

/** What is known about a failed call: the model asked, the keys that must not be shown, the caller's signal, the time in ms. */
export type CallContext = {
  readonly model: string
  readonly secrets: readonly string[]
  readonly signal: AbortSignal
  readonly now: number
}

/** The fields of the SDK's call errors that are looked at. */
type CallFailure = {
  readonly message: string
  readonly statusCode?: number
  readonly isRetryable?: boolean
  readonly responseHeaders?: { readonly [name: string]: string | undefined }
  readonly responseBody?: string
}

const LONGEST_DELAY = 10 * 60_000
const LONGEST_MESSAGE = 500
const SHORTEST_SECRET = 4
const TOO_LONG = /context.{0,20}(?:length|window|size)|maximum context|too many tokens|prompt is too long/i

/**
 * The error to throw for a failed call: the signal's reason after an abort; RetryableError (with the server's delay, at most
 * ten minutes) for what may pass; TerminalError for what another try will not change. No key stands in it, and no cause.
 */
export async function failureOf(error: unknown, context: CallContext): Promise<unknown> {
  if (context.signal.aborted) return context.signal.reason
  if (is(error)) return error
  const failure = await failureOfCall(error, context)
  const spent = spentOn(error)
  return spent ? withSpent(failure, spent) : failure
}

async function failureOfCall(error: unknown, context: CallContext): Promise<Error> {
  const { APICallError } = await import('@ai-sdk/provider')
  if (APICallError.isInstance(error)) return callFailure(error as CallFailure, context)
  return (await isFinal(error))
    ? terminal('model_rejected', error, context)
    : retryable('model_unavailable', error, context)
}

/** Errors of the SDK that are about the request, not about the moment. */
async function isFinal(error: unknown): Promise<boolean> {
  const sdk = await import('@ai-sdk/provider')
  const kinds = [
    sdk.LoadAPIKeyError,
    sdk.LoadSettingError,
    sdk.NoSuchModelError,
    sdk.InvalidPromptError,
    sdk.InvalidArgumentError,
    sdk.UnsupportedFunctionalityError,
  ]
  return kinds.some((kind) => kind.isInstance(error))
}

function callFailure(error: CallFailure, context: CallContext): Error {
  const body = error.responseBody ?? ''
  if (error.statusCode === 401 || error.statusCode === 403) return terminal('model_unauthorized', error, context)
  if (error.statusCode === 413 || (error.statusCode === 400 && TOO_LONG.test(body)))
    return terminal('context_overflow', error, context)
  if (/insufficient_quota/.test(body) || !error.isRetryable) return terminal('model_rejected', error, context)
  return retryable(
    error.statusCode === 429 ? 'model_rate_limited' : 'model_unavailable',
    error,
    context,
    delayOf(error, context.now),
  )
}

/** What `retry-after-ms`, or else `retry-after` in seconds or as a date, asks for. */
function delayOf({ responseHeaders = {} }: CallFailure, now: number): number | undefined {
  const [exact, after] = [responseHeaders['retry-after-ms'], responseHeaders['retry-after']]
  const delay = exact
    ? Number(exact)
    : after && /^\d+(?:\.\d+)?$/.test(after)
      ? Number(after) * 1000
      : Date.parse(after ?? '') - now
  return Number.isFinite(delay) ? Math.min(LONGEST_DELAY, Math.max(0, delay)) : undefined
}

function terminal(code: string, error: unknown, context: CallContext): TerminalError {
  return new TerminalError(messageOf(error, context), { code })
}

function retryable(code: string, error: unknown, context: CallContext, delay?: number): RetryableError {
  return new RetryableError(messageOf(error, context), { code, ...(delay !== undefined && { delay }) })
}

function messageOf(error: unknown, { model, secrets }: CallContext): string {
  const { statusCode, message = String(error) } = (error ?? {}) as Partial<CallFailure>
  const said = redact(message, secrets).slice(0, LONGEST_MESSAGE)
  return `model ${model} failed${statusCode === undefined ? '' : ` with status ${statusCode}`}: ${said}`
}

/** The text without the secrets in it. */
export function redact(text: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret.length >= SHORTEST_SECRET)
  return known.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text)
}
