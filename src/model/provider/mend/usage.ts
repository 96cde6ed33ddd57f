import { isJsonObject } from '../../../kernel/json.ts'
import { parseExact } from '../../../lib/json/exact.ts'
import { changed, type JsonFields } from './changed-fields.ts'

const CHAT = ['prompt_tokens', 'completion_tokens', 'total_tokens']
const IN_AND_OUT = ['input_tokens', 'output_tokens']

/**
 * A reply, or an event of one, with the counts of tokens that readers of its protocol need: numbers, and none is
 * missing. 0 stands for a count that the provider did not report. Pure.
 */
export function mendUsage(reply: JsonFields): JsonFields {
  const { type, choices, usage, output, object } = reply
  if (type === 'message_start') return changed(reply, { message: (message) => withUsage(message, ['input_tokens']) })
  if (type === 'message_delta') return withUsage(reply, ['output_tokens']) as JsonFields
  if (type === 'message') return withUsage(reply, IN_AND_OUT) as JsonFields
  if (object === 'response' || output !== undefined)
    return changed(reply, { usage: (given) => (given === null ? given : known(countsIn(given, IN_AND_OUT))) })
  if (isWholeChat(choices)) return withUsage(reply, CHAT) as JsonFields
  const names = choices === undefined ? [] : CHAT
  const counts = isJsonObject(usage) || names.length > 0 ? names : undefined
  return changed(reply, {
    usage: (given) => (given === null ? given : counts ? countsIn(given, counts) : null),
    usageMetadata: (given) => (isJsonObject(given) ? countsIn(given, []) : null),
  })
}

/** The JSON of vectors. It is long, so it is parsed only if its usage is odd. */
export function mendVectors(text: string): string {
  if (!/"usage"\s*:/.test(text) || GOOD_USAGE.test(text)) return text
  try {
    const reply = parseExact(text) as JsonFields
    return JSON.stringify({ ...reply, usage: countsIn(reply.usage, ['prompt_tokens']) })
  } catch {
    return text
  }
}

const GOOD_USAGE = /"usage"\s*:\s*(?:null|\{\s*"prompt_tokens"\s*:\s*\d+\s*[,}])/

const isWholeChat = (choices: unknown) =>
  Array.isArray(choices) && choices.some((choice) => isJsonObject(choice) && choice.message !== undefined)

function withUsage(reply: unknown, names: readonly string[]): unknown {
  if (!isJsonObject(reply)) return reply
  const usage = countsIn(reply.usage, names)
  return usage === reply.usage ? reply : { ...reply, usage }
}

/** OpenAI's Responses have no count that is null. */
function known(usage: unknown): unknown {
  const counts = Object.entries(usage as JsonFields)
  return counts.some(([, count]) => count === null)
    ? Object.fromEntries(counts.filter(([, count]) => count !== null))
    : usage
}

/** The same object if nothing is odd in it. */
function countsIn(given: unknown, required: readonly string[]): unknown {
  const usage: JsonFields = isJsonObject(given) ? given : {}
  const names = Object.keys(usage).filter((name) => /_tokens$|TokenCount$/.test(name))
  const details = Object.keys(usage).filter((name) => name.endsWith('_details'))
  const lists = Object.keys(usage).filter((name) => name.endsWith('TokensDetails'))
  const missing = required.filter((name) => !Object.hasOwn(usage, name) || usage[name] === null)
  const mended = changed(usage, {
    ...Object.fromEntries(names.map((name) => [name, countOf])),
    ...Object.fromEntries(
      details.map((name) => [name, (one: unknown) => (isJsonObject(one) ? countsIn(one, []) : null)]),
    ),
    ...Object.fromEntries(lists.map((name) => [name, (one: unknown) => (isListOfCounts(one) ? one : null)])),
  })
  if (missing.length === 0) return given === usage ? mended : usage
  return { ...mended, ...Object.fromEntries(missing.map((name) => [name, 0])) }
}

/** Counts of tokens that are not numbers count as not reported. */
function countOf(count: unknown): unknown {
  if (typeof count === 'number' || count === null) return count
  const read = typeof count === 'string' && count.trim() !== '' ? Number(count) : 0
  return Number.isFinite(read) ? read : 0
}

const isListOfCounts = (list: unknown) =>
  Array.isArray(list) &&
  list.every((one) => isJsonObject(one) && typeof one.modality === 'string' && typeof one.tokenCount === 'number')
