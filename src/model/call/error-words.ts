import { isJsonObject, parseExact } from '../../kernel/json.ts'
import { attempt } from '../../lib/flow/attempt.ts'
import { failedGenerationIn } from '../reply/failed-reply.ts'

/** The fields of a provider's error, thrown or part of a stream; all are optional. */
export type ProviderError = {
  readonly name?: string
  readonly message?: string
  readonly type?: unknown
  readonly code?: unknown
  readonly status?: unknown
  readonly param?: unknown
  readonly cause?: unknown
  readonly data?: unknown
  readonly statusCode?: number
  readonly isRetryable?: boolean
  readonly responseHeaders?: { readonly [name: string]: string | undefined }
  readonly responseBody?: string
  readonly requestBodyValues?: unknown
}

/** The status of an error, its words without repeated parts of the request, and its sentence for a person. */
export type ErrorWords = {
  readonly status: number | undefined
  readonly text: string
  readonly sentence: string | undefined
}

const MAX_SCANNED_LENGTH = 20_000

/** The status and the words of a provider's error. Some tell the status only inside a reply of status 200. Pure. */
export function errorWordsOf(error: ProviderError): ErrorWords {
  const body = bodyOf(error)
  const { message = '', type, code, status, param, statusCode } = error
  const words = wordsIn({ type, code, status, ...(typeof param === 'string' && { param }) })
  const inBody = body === undefined ? [] : wordsIn(body)
  const isRefused = statusCode === undefined || (isSuccess(statusCode) && isErrorBody(body))
  const inside = isRefused ? (statusIn(error) ?? statusIn(body)) : undefined
  return {
    status: inside ?? (isRefused ? undefined : statusCode),
    text: [message, ...words, ...inBody].join('\n').slice(0, MAX_SCANNED_LENGTH),
    sentence: typeof body === 'string' ? undefined : inBody.find((text) => text.includes(' ')),
  }
}

/** The text of a model that its provider could not read; undefined for any other error. */
export const failedGenerationOf = (error: ProviderError | undefined): string | undefined =>
  error && failedGenerationIn(bodyOf(error))

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
    if (isErrorBody(bodyOf(known))) return false
    const isUnreadable = known.code === 'model_invalid_output' || UNREADABLE_REPLY_ERRORS.includes(known.name ?? '')
    return hasSucceeded(known) || isUnreadable
  })
}

/** Whether the status of a response that caused an error says success, and no error in its body says otherwise. */
const hasSucceeded = (error: ProviderError) => isSuccess(errorWordsOf(error).status)

export const isSuccess = (status = 0) => status >= 200 && status < 300

/** The SDK wraps errors that occur while a reply is read. */
export const causeOf = (error: unknown) => (error as { readonly cause?: unknown } | null | undefined)?.cause

function bodyOf({ responseBody, data, cause }: ProviderError): unknown {
  if (typeof responseBody === 'string' && responseBody.trim() !== '') return parsed(responseBody)
  // a reply that the SDK cannot read is the value of its cause
  return data ?? (cause as { readonly value?: unknown } | null | undefined)?.value
}

const parsed = (text: string): unknown => attempt(() => parseExact(text), text.slice(0, MAX_SCANNED_LENGTH))

/** A body of status 200 that holds an error and no reply. */
const isErrorBody = (body: unknown) => isJsonObject(body) && isJsonObject(body.error) && body.choices === undefined

/** The status that an error states itself, as a number or as digits. */
function statusIn(error: unknown): number | undefined {
  if (!isJsonObject(error)) return undefined
  const { code, status, error: inner } = error
  const stated = [code, status].map(Number).find((one) => Number.isInteger(one) && one >= 400 && one < 600)
  return stated ?? statusIn(inner)
}

/** Fields that tell about the error. Other fields may repeat the request, whose words say nothing about it. */
const TOLD =
  /^(?:error|errors|message|msg|type|code|status|reason|detail|details|title|description|param|metadata|raw|name|errorinfo|error_?(?:type|code|message|description|msg))$/i

const MAX_DEPTH = 6

function wordsIn(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return wordsOfText(value, depth)
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.slice(0, 20).flatMap((one) => wordsIn(one, depth + 1))
  return Object.entries(value).flatMap(([name, inner]) => {
    if (!TOLD.test(name)) return []
    return name === 'param' && typeof inner === 'string' ? [`param ${inner}`] : wordsIn(inner, depth + 1)
  })
}

/** Routers put the body of the provider behind them into a text. */
function wordsOfText(text: string, depth: number): string[] {
  const inner = /^\s*[{[]/.test(text) ? parsed(text) : text
  return typeof inner === 'string' ? [inner] : wordsIn(inner, depth + 1)
}
