import { is, type Problem, problemOf, UnknownError } from '../../errors.ts'
import type { EffectClass } from '../../kernel/types.ts'
import { attempt } from '../../lib/flow/attempt.ts'

/**
 * Whether nobody knows if a call that must not be made twice took place. `error` is how its work ended, and `signal`
 * the one that the work had. The work has begun: before that, as in the queue of a pool, nothing took place.
 *
 * | the work | the call |
 * |---|---|
 * | was cut off by a kill | unknown: the kernel finds its mark |
 * | works on after its time limit, or after it was cancelled | unknown, until the work ends: then its own end counts |
 * | throws an `UnknownError` | unknown |
 * | throws the abort of its `signal`, or of a request of antiphon that took too long | unknown |
 * | throws `ECONNRESET`, `EPIPE`, `ETIMEDOUT` or another error of a connection that stood | unknown |
 * | throws an error of `connect`, such as `ECONNREFUSED`, of a name or of a certificate | failed |
 * | throws an error with the status of an answer | failed |
 * | throws any other error | failed |
 *
 * An error counts with its causes, five deep, and with the `errors` of an AggregateError. A status wins over a broken
 * connection: the answer came.
 */
export const isEndUnknown = (error: unknown, signal?: AbortSignal): boolean =>
  // a thrown proxy may throw on access
  attempt(() => judge(error, signal, new Set(), 0) ?? false, false)

/** The error of a call by its name that broke off; one that says so already stays. */
export function unknownEnd(what: string, error: unknown): Error {
  if (is(error, 'UnknownError')) return error as Error
  const [message, cause] = [error, (error as ErrorFields).cause].map((one) => problemOf(one).message.replace(/\.$/, ''))
  const why = is(error) || !(error as ErrorFields).cause || message!.includes(cause!) ? '' : ` (${cause})`
  return new UnknownError(`${what} broke off, and whether it took place is not known: ${message}${why}.`, {
    cause: error,
  })
}

/** The end of a call in its own process, which alone sees the causes of the error. */
export function problemOfEnd(what: string, error: unknown, signal: AbortSignal, effect?: EffectClass): Problem {
  return problemOf(effect === 'at-most-once' && isEndUnknown(error, signal) ? unknownEnd(what, error) : error)
}

type ErrorFields = { readonly [field in 'code' | 'name' | 'syscall' | 'cause' | 'errors']?: unknown } & {
  readonly status?: unknown
  readonly statusCode?: unknown
  readonly response?: { readonly status?: unknown } | null
}

const MAX_DEPTH = 5
/** An AggregateError may have thousands of errors. */
const MAX_ERRORS = 100

/** Whether the call is unknown; undefined if neither the error nor its causes say more than that it failed. */
function judge(error: unknown, signal: AbortSignal | undefined, seen: Set<object>, depth: number): boolean | undefined {
  if (typeof error !== 'object' || error === null || depth > MAX_DEPTH) return undefined
  if (seen.size >= MAX_ERRORS || seen.has(error)) return undefined
  seen.add(error)
  if (is(error, 'UnknownError')) return true
  if (hasStatus(error)) return false
  const { cause, errors } = error as ErrorFields
  const several: readonly unknown[] = Array.isArray(errors) ? errors : []
  const judged = [...several, cause].map((one) => judge(one, signal, seen, depth + 1))
  if (judged.includes(true)) return true
  if (judged.includes(false)) return false
  // the code of an AggregateError is that of its first error
  return isOurAbort(error, signal) || (several.length === 0 && hasBrokenOff(error)) || undefined
}

function hasStatus({ status, statusCode, response }: ErrorFields): boolean {
  return [status, statusCode, response?.status].some(
    (one) => Number.isInteger(one) && (one as number) >= 100 && (one as number) < 600,
  )
}

/** Codes of Node and undici. */
const BROKEN: ReadonlySet<unknown> = new Set([
  ...['ECONNRESET', 'EPIPE', 'ETIMEDOUT'],
  ...['UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'],
])
/** Codes of MCP clients that got no answer: by the second version of their package, and by the first. */
const BROKEN_MCP: ReadonlySet<unknown> = new Set(['CONNECTION_CLOSED', 'REQUEST_TIMEOUT', -32000, -32001])

function hasBrokenOff({ code, name, syscall, message }: ErrorFields & { readonly message?: unknown }): boolean {
  if (name === 'McpError' || name === 'SdkError') return BROKEN_MCP.has(code)
  // Node gives no other sign that nothing was sent
  return BROKEN.has(code) && syscall !== 'connect' && !String(message).includes('before secure TLS connection')
}

const ABORTS: ReadonlySet<unknown> = new Set(['ABORT_ERR', 'ERR_CANCELED', 'UND_ERR_ABORTED'])

/** Whether work stopped because antiphon said so: by a time limit of a request, or by the signal of the work. */
function isOurAbort(error: ErrorFields, signal: AbortSignal | undefined): boolean {
  if (is(error, 'TimeoutError') && error.code === 'timeout') return true
  if (!signal?.aborted) return false
  return error === signal.reason || error.name === 'AbortError' || ABORTS.has(error.code)
}
