import { errorOf, is, type Problem, problemOf } from '../../errors.ts'
import { isJsonObject, tryParseExact } from '../../kernel/json.ts'

/** Characters of a reply that an error quotes. */
const MAX_QUOTE = 2000

/** The beginning of a reply as an error quotes it. Secrets go first, so that none is cut in two. */
export function quoteReply(text: string, redact: (text: string) => string = (same) => same): string {
  const shown = redact(text.trim()).toWellFormed()
  if (shown === '') return 'the reply is empty'
  if (shown.length <= MAX_QUOTE) return `«${shown}»`
  return `«${shown.slice(0, MAX_QUOTE).toWellFormed()}…» (the first ${MAX_QUOTE} of ${shown.length} characters)`
}

const repliesOfErrors = new WeakMap<object, string>()

/** The error of a call, with the reply that it is about. */
export function withFailedReply<Failure extends object>(error: Failure, text: string): Failure {
  if (!repliesOfErrors.has(error)) repliesOfErrors.set(error, text)
  return error
}

/** The whole reply that an error, or the cause of one of our errors, is about; undefined if it is about none. */
export function failedReplyOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const own = repliesOfErrors.get(error)
  // an error of another program may throw when it is looked at
  return own === undefined && is(error) ? failedReplyOf(error.cause) : own
}

/**
 * The text of a model that its provider could not read, in the JSON of an error, as Groq gives it. A router puts the
 * error of the provider behind it into a text. Undefined for any other error.
 */
export function failedGenerationIn(value: unknown, depth = 0): string | undefined {
  if (depth > MAX_DEPTH) return undefined
  if (typeof value === 'string') return failedGenerationIn(parsed(value), depth + 1)
  if (!isJsonObject(value)) return undefined
  const { failed_generation: text, error, metadata, raw } = value
  if (typeof text === 'string') return text
  return [error, metadata, raw].map((inner) => failedGenerationIn(inner, depth + 1)).find((one) => one !== undefined)
}

const MAX_DEPTH = 6

const parsed = (text: string): unknown => (text.includes('failed_generation') ? tryParseExact(text) : undefined)

/** Characters of a reply among the facts of an error. */
const MAX_FACT = 256 * 1024

/**
 * The error with the reply that it is about among its facts (`data.reply`), without secrets. Facts stay when an effect
 * records the error; the error of an effect is another object.
 */
export function tellReply(error: unknown, redact: (text: string) => string = (same) => same): unknown {
  const reply = failedReplyOf(error)
  if (reply === undefined) return error
  const { data, ...problem } = problemOf(error)
  const failure = errorOf({ ...problem, data: { ...data, reply: redact(reply).slice(0, MAX_FACT).toWellFormed() } })
  return withFailedReply(failure, reply)
}

/** The reply that a problem is about, if its facts have it. */
export const replyIn = ({ data }: Pick<Problem, 'data'>): string | undefined =>
  typeof data?.reply === 'string' ? data.reply : undefined
