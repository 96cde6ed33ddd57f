/** The faults of a model call, each with its error code and remedy. */
export const CALL_FAULTS = {
  rate_limit: { code: 'model_rate_limited', remedy: 'retry' },
  overload: { code: 'model_overloaded', remedy: 'retry' },
  network: { code: 'model_unavailable', remedy: 'retry' },
  timeout: { code: 'model_timeout', remedy: 'retry' },
  context_length: { code: 'context_overflow', remedy: 'shrink' },
  auth: { code: 'model_unauthorized', remedy: 'fallback' },
  quota: { code: 'model_quota_spent', remedy: 'fallback' },
  content_filter: { code: 'model_filtered', remedy: 'fail' },
  rejected: { code: 'model_rejected', remedy: 'fallback' },
} as const

/** A kind of fault. */
export type CallFault = keyof typeof CALL_FAULTS

/** `retry`: the same call later · `shrink`: with less text · `fallback`: another model, if the author allows it · `fail`: nothing helps. */
export type Remedy = (typeof CALL_FAULTS)[CallFault]['remedy']

/** The remedy for an error code; undefined for a code that no model call has. */
export function remedyOf(code: string): Remedy | undefined {
  return Object.values(CALL_FAULTS).find((fault) => fault.code === code)?.remedy
}

/** The fields of a provider's error, thrown or part of a stream; all are optional. */
export type ProviderError = {
  readonly name?: string
  readonly message?: string
  readonly type?: unknown
  readonly code?: unknown
  readonly statusCode?: number
  readonly isRetryable?: boolean
  readonly responseHeaders?: { readonly [name: string]: string | undefined }
  readonly responseBody?: string
}

const CONTEXT = /context.{0,20}(?:length|window|size)|maximum context|too many tokens|(?:prompt|input).{0,20} too long/i
const FILTER = /content[ _-]?(?:policy|filter|management)|prohibited_content/i
const QUOTA = /insufficient_quota|credit balance is too low/i
const KEY =
  /api[ _-]?key (?:not valid|is invalid|expired)|invalid[ _-]api[ _-]?key|authentication_error|permission_error/i
const RATE = /rate[ _-]?limit|resource_exhausted/i
const OVERLOAD = /overloaded/i
/** Faults of the request that the SDK finds before anything is sent. */
const MISSING_KEY_ERRORS = ['AI_LoadAPIKeyError']
const INVALID_REQUEST_ERRORS = [
  'AI_LoadSettingError',
  'AI_NoSuchModelError',
  'AI_InvalidPromptError',
  'AI_InvalidArgumentError',
  'AI_UnsupportedFunctionalityError',
]

/** Classifies a provider's error by status, SDK error name or message. An unknown error counts as transient. */
export function classifyError(error: ProviderError): CallFault {
  return faultOfStatus(error) ?? faultOfName(error) ?? faultOfWords(error) ?? 'network'
}

/** The status alone does not tell why a request was refused. */
function faultOfStatus(error: ProviderError): CallFault | undefined {
  const { statusCode: status } = error
  if (status === undefined) return undefined
  if (status === 401 || status === 403) return 'auth'
  if (status === 413) return 'context_length'
  if (status === 408) return 'timeout'
  if (status === 503 || status === 529) return 'overload'
  if (status === 429) return QUOTA.test(textOf(error)) ? 'quota' : 'rate_limit'
  if (status >= 500 || status < 300 || error.isRetryable) return 'network'
  return faultOfWords(error) ?? 'rejected'
}

function faultOfName({ name = '' }: ProviderError): CallFault | undefined {
  if (MISSING_KEY_ERRORS.includes(name)) return 'auth'
  if (INVALID_REQUEST_ERRORS.includes(name)) return 'rejected'
  return name === 'TimeoutError' ? 'timeout' : undefined
}

const WORDS: readonly (readonly [RegExp, CallFault])[] = [
  [CONTEXT, 'context_length'],
  [QUOTA, 'quota'],
  [FILTER, 'content_filter'],
  [KEY, 'auth'],
  [RATE, 'rate_limit'],
  [OVERLOAD, 'overload'],
  [/invalid_request/i, 'rejected'],
]

function faultOfWords(error: ProviderError): CallFault | undefined {
  const text = textOf(error)
  return WORDS.find(([pattern]) => pattern.test(text))?.[1]
}

function textOf({ message = '', type, code, responseBody = '' }: ProviderError): string {
  return [message, type, code, responseBody]
    .filter((part) => typeof part === 'string')
    .join('\n')
    .slice(0, MAX_SCANNED_LENGTH)
}

/** Errors of the SDK for a reply that cannot be read. */
const UNREADABLE_REPLY_ERRORS = [
  'AI_InvalidResponseDataError',
  'AI_JSONParseError',
  'AI_TypeValidationError',
  'AI_NoContentGeneratedError',
]

/** Whether the model has answered, so that the call may cost money: its reply cannot be read. */
export function isAnswered(error: unknown): boolean {
  return [error, causeOf(error)].some((one) => {
    const known = (one ?? {}) as ProviderError
    return (
      hasSucceeded(known) || known.code === 'model_invalid_output' || UNREADABLE_REPLY_ERRORS.includes(known.name ?? '')
    )
  })
}

/** Whether the status of a response that caused an error says success. */
export const hasSucceeded = ({ statusCode: status = 0 }: ProviderError) => status >= 200 && status < 300

/** The SDK wraps errors that occur while a reply is read. */
export const causeOf = (error: unknown) => (error as { readonly cause?: unknown } | null | undefined)?.cause

const MAX_SCANNED_LENGTH = 20_000
const MAX_RETRY_DELAY_MS = 10 * 60_000

/** The delay a server asks for, at most ten minutes: from its headers, or from Google's error text. */
export function retryDelayOf(error: ProviderError, now = 0): number | undefined {
  const { 'retry-after-ms': exact, 'retry-after': after = '' } = error.responseHeaders ?? {}
  const [, seconds] = /"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"/.exec(textOf(error)) ?? []
  const delay = exact ? Number(exact) : after !== '' ? msOf(after, now) : Number(seconds) * 1000
  return Number.isFinite(delay) ? Math.min(MAX_RETRY_DELAY_MS, Math.max(0, delay)) : undefined
}

/** Seconds, or a date. */
function msOf(after: string, now: number): number {
  return /^\d+(?:\.\d+)?$/.test(after) ? Number(after) * 1000 : Date.parse(after) - now
}
