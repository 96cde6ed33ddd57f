import { isJsonObject, parseExact } from '../../../kernel/json.ts'
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
    return changed(reply, {
      usage: (given) => (given === null ? given : inWholeParts(known(countsIn(given, IN_AND_OUT)))),
    })
  if (isWholeChat(choices)) return changed(withUsage(reply, CHAT) as JsonFields, { usage: inWholeParts })
  const names = choices === undefined ? [] : CHAT
  const counts = isJsonObject(usage) || names.length > 0 ? names : undefined
  return changed(reply, {
    usage: (given) => (given === null ? given : counts ? inWholeParts(countsIn(given, counts)) : null),
    usageMetadata: (given) => (isJsonObject(given) ? inWholeParts(countsIn(given, [])) : null),
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
  if (count === null || (typeof count === 'number' && count >= 0 && Number.isFinite(count))) return count
  const read = typeof count === 'string' && count.trim() !== '' ? Number(count) : 0
  return Number.isFinite(read) && read >= 0 ? read : 0
}

const isListOfCounts = (list: unknown) =>
  Array.isArray(list) &&
  list.every((one) => isJsonObject(one) && typeof one.modality === 'string' && typeof one.tokenCount === 'number')

/**
 * Counts of tokens in which each token is counted once: the input contains its cached part, and the output its
 * thoughts. Servers report them apart, too, or in fields of their own; the total tells which it is. The same object if
 * nothing changes. Pure.
 */
function inWholeParts(usage: unknown): unknown {
  if (!isJsonObject(usage)) return usage
  if ('promptTokenCount' in usage) return googleParts(usage)
  if ('prompt_tokens' in usage) return chatParts(withCacheDetails(usage), CHAT_NAMES)
  return 'input_tokens' in usage ? chatParts(usage, RESPONSE_NAMES) : usage
}

/** Google counts thoughts apart, and its SDK adds them. Some gateways have them in both counts. */
function googleParts(usage: JsonFields): JsonFields {
  const [thoughts, said] = [tokensIn(usage.thoughtsTokenCount), tokensIn(usage.candidatesTokenCount)]
  const without = tokensIn(usage.promptTokenCount) + tokensIn(usage.toolUsePromptTokenCount) + said
  const isTwice = thoughts > 0 && said >= thoughts && without === usage.totalTokenCount
  return isTwice ? { ...usage, candidatesTokenCount: said - thoughts } : usage
}

type Names = { readonly [part in 'input' | 'output' | 'cached' | 'thoughts']: string }
const CHAT_NAMES = {
  input: 'prompt_tokens',
  output: 'completion_tokens',
  cached: 'prompt_tokens_details',
  thoughts: 'completion_tokens_details',
} satisfies Names
const RESPONSE_NAMES = {
  input: 'input_tokens',
  output: 'output_tokens',
  cached: 'input_tokens_details',
  thoughts: 'output_tokens_details',
} satisfies Names

function chatParts(usage: JsonFields, names: Names): JsonFields {
  const [input, output] = [tokensIn(usage[names.input]), tokensIn(usage[names.output])]
  const thoughts = tokensIn(detailsOf(usage, names.thoughts).reasoning_tokens)
  const { cached_tokens: read, cache_write_tokens: written } = detailsOf(usage, names.cached)
  const cached = tokensIn(read) + tokensIn(written)
  const apart = tokensIn(usage.total_tokens) - input - output
  const isThought = thoughts > output || (thoughts > 0 && (apart === thoughts || apart === thoughts + cached))
  const isCached = cached > 0 && (apart === cached || (isThought && apart === thoughts + cached))
  if (!isThought && !isCached) return usage
  return {
    ...usage,
    ...(isThought && { [names.output]: output + thoughts }),
    ...(isCached && { [names.input]: input + cached }),
  }
}

/** Fields of DeepSeek, Moonshot and LiteLLM for the cached part. */
const READ = ['prompt_cache_hit_tokens', 'cached_tokens', 'num_cached_tokens', 'cache_read_input_tokens']
const WRITTEN = ['cache_creation_input_tokens']

function withCacheDetails(usage: JsonFields): JsonFields {
  const details = detailsOf(usage, CHAT_NAMES.cached)
  const own = (names: readonly string[]) => names.map((name) => tokensIn(usage[name])).find((count) => count > 0)
  const [read, written] = [own(READ), own(WRITTEN)]
  const more = {
    ...(read !== undefined && tokensIn(details.cached_tokens) === 0 && { cached_tokens: read }),
    ...(written !== undefined && tokensIn(details.cache_write_tokens) === 0 && { cache_write_tokens: written }),
  }
  return Object.keys(more).length === 0 ? usage : { ...usage, [CHAT_NAMES.cached]: { ...details, ...more } }
}

const detailsOf = (usage: JsonFields, name: string): JsonFields => {
  const details = usage[name]
  return isJsonObject(details) ? details : {}
}

/** Numbers may come with all their digits, as objects. */
const tokensIn = (count: unknown): number => {
  const read = Number(count ?? 0)
  return Number.isSafeInteger(read) && read > 0 ? read : 0
}
