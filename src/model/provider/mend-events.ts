import { isJsonObject } from '../../kernel/json.ts'
import { clip } from '../../lib/clip.ts'
import { parseExact } from '../../lib/json/exact.ts'
import { NO_FINISH_REASON } from '../reply/ending.ts'
import { failedGenerationIn } from '../reply/failed-reply.ts'
import type { JsonFields } from './changed-fields.ts'
import { isName, UNNAMED_TOOL } from './mend-calls.ts'
import { mendFields, mendWith } from './mend-reply.ts'

/** Mends the events of a streamed reply, one after another. */
interface EventMending {
  /**
   * The data of an event as events for the SDK. None: it is a sign of life, such as a ping. Throws an error with the
   * whole reply for data that is not JSON.
   */
  take(data: string, name?: string): readonly string[]
  /** Events for the end of a stream that did not say why it ended. */
  end(): readonly string[]
}

/** Events without one of these need no mending, and are not parsed twice. */
const MAY_NEED = new RegExp(
  [
    '"(?:tool_calls|function_call|tool_use|functionCall|usage|usageMetadata|incomplete_details|message|message_delta)"',
    '"response\\.(?:failed|completed|incomplete)"',
    '"finish_reason"\\s*:\\s*(?!"|null)|"id"\\s*:\\s*(?!"|null)|"created"\\s*:\\s*(?!\\d+[,}]|null)',
    '"native_finish_reason"\\s*:\\s*"',
    '"role"\\s*:\\s*(?!"assistant"|null)',
  ].join('|'),
)

/** Fields that hold content, or say how a reply goes on. An event of the chat protocol has choices. */
const KNOWN = /"(?:choices|candidates|content_block|delta|item|response|promptFeedback)"\s*:/

export function createEventMending(): EventMending {
  const unnamed = new Set<unknown>()
  const stream = createEndings()
  const heard: string[] = []
  const mend = (event: JsonFields) => mendFields(mendChunk(withNames(event, unnamed)))
  const mended = (data: string) => (unnamed.size > 0 || MAY_NEED.test(data) ? mendWith(data, mend) : data)
  return {
    take(data, name) {
      heard.push(data)
      if (isDone(data)) return ['[DONE]']
      if (isSignOfLife(data, name)) return []
      if (!KNOWN.test(data)) {
        const event = parsed(data)
        if (event === undefined) throw unread(data, heard)
        if (isIdle(event)) return []
        if (failedGenerationIn(event) !== undefined) throw failedGeneration(data)
        if (isJsonObject(event) && isWithoutChoices(event)) return [mended(JSON.stringify({ ...event, choices: [] }))]
      } else if (heard.length === 1 ? parsed(data) === undefined : !isJson(data)) throw unread(data, heard)
      return [...stream.before(data), mended(data)]
    },
    end: () => stream.after().map(mended),
  }
}

/** The SDK parses whole events. Only one that looks broken is parsed here, and the first one. */
const isJson = (data: string) => /^\s*\{.*\}\s*$/s.test(data) || parsed(data) !== undefined

function parsed(data: string): unknown {
  try {
    return parseExact(data)
  } catch {
    return undefined
  }
}

/** The error about an event that cannot be read, in the form that the SDK's own errors have. */
function unread(data: string, heard: readonly string[]): Error {
  const message = `an event of its stream is not JSON: ${clip(data, MAX_EVENT)}`
  return Object.assign(new Error(message), { name: 'AI_JSONParseError', text: heard.join('\n') })
}

/** The error about what the model wrote. The SDK would drop the text. */
const failedGeneration = (data: string) =>
  Object.assign(new Error('the server cannot read what the model wrote'), { statusCode: 400, responseBody: data })

/** Characters of an event that an error repeats, beside the reply. */
const MAX_EVENT = 200

const isDone = (data: string) => /^\s*"?\[done\]"?\s*$/i.test(data)

const LIFE = /^(?:ping|pong|keep[-_ ]?alive|heart[-_ ]?beat|noop|connected|connection|open)$/i

/** Servers and proxies keep a connection open with data that is no part of the reply. */
const isSignOfLife = (data: string, name = '') =>
  LIFE.test(name.trim()) || (data.length <= MAX_LIFE && LIFE.test(data.replace(/[\s"'[\](){}:]/g, '') || 'ping'))
/** Characters of a word with its brackets. */
const MAX_LIFE = 40

/** JSON that holds nothing, or names a sign of life. */
function isIdle(event: unknown): boolean {
  if (!isJsonObject(event))
    return event === null || (Array.isArray(event) && event.length === 0) || LIFE.test(String(event))
  const { type, event: name, object, status } = event
  return Object.keys(event).length === 0 || [type, name, object, status].some((word) => LIFE.test(String(word)))
}

/** The last event of some servers of the chat protocol has only the usage. */
const isWithoutChoices = ({ type, error, usage, object }: JsonFields) =>
  type === undefined && (error ?? null) === null && (isJsonObject(usage) || object === 'chat.completion.chunk')

/** An event of the chat protocol without oddities in the fields beside its content. */
function mendChunk(event: JsonFields): JsonFields {
  const { choices, id, created } = event
  if (!Array.isArray(choices)) return event.type === 'response.failed' ? { sequence_number: 0, ...event } : event
  const { created: _, ...rest } = event
  return {
    ...(typeof created === 'number' ? event : rest),
    ...(id !== undefined && id !== null && { id: String(id) }),
    choices: choices.map((choice) => (isJsonObject(choice) ? mendChoice(choice) : choice)),
  }
}

function mendChoice({ message, delta = message, ...choice }: JsonFields): JsonFields {
  const { role, ...said } = isJsonObject(delta) ? delta : {}
  const isKnown = role === undefined || role === 'assistant'
  return {
    index: 0,
    ...choice,
    delta: isJsonObject(delta) ? { ...said, ...(role !== undefined && { role: isKnown ? role : 'assistant' }) } : delta,
  }
}

/** Notes which calls have no name yet, and names them where the reply ends. */
function withNames(event: JsonFields, unnamed: Set<unknown>): JsonFields {
  const [choice] = Array.isArray(event.choices) ? event.choices : []
  if (!isJsonObject(choice)) return event
  const delta = isJsonObject(choice.delta) ? (choice.delta as JsonFields) : {}
  const calls = Array.isArray(delta.tool_calls) ? delta.tool_calls.filter(isJsonObject) : []
  for (const call of calls) {
    const name = isJsonObject(call.function) ? call.function.name : undefined
    if (isName(name)) unnamed.delete(call.index ?? 0)
    else if (call.id !== undefined && call.id !== null) unnamed.add(call.index ?? 0)
  }
  if ((choice.finish_reason ?? null) === null || unnamed.size === 0) return event
  const named = [...unnamed].map((index) => ({ index, function: { name: UNNAMED_TOOL } }))
  return {
    ...event,
    choices: [{ ...choice, delta: { ...delta, tool_calls: [...calls, ...named] } }],
  }
}

type Protocol = 'chat' | 'anthropic' | 'responses' | 'google'

const PROTOCOLS: readonly (readonly [Protocol, RegExp])[] = [
  ['chat', /"choices"\s*:\s*\[\s*\{/],
  ['anthropic', /"type"\s*:\s*"(?:message_|content_block_)/],
  ['responses', /"type"\s*:\s*"response\./],
  ['google', /"candidates"\s*:\s*\[\s*\{/],
]

const FINISH =
  /"(?:finish_reason|stop_reason|finishReason|blockReason)"\s*:\s*(?!null|"")|"response\.(?:completed|incomplete|failed)"|"error"\s*:\s*\{|"type"\s*:\s*"error"/

/** Follows whether a stream says why it ends. */
function createEndings() {
  let protocol: Protocol | undefined
  let isFinished = false
  let isStopped = false
  const events = (): readonly string[] => {
    const finish = protocol === undefined || isFinished ? [] : [FINISHES[protocol]]
    return finish.map((event) => JSON.stringify(event))
  }
  return {
    /** Events that belong before this one. */
    before(data: string): readonly string[] {
      protocol ??= PROTOCOLS.find(([, pattern]) => pattern.test(data))?.[0]
      isFinished ||= FINISH.test(data)
      if (protocol !== 'anthropic' || !data.includes('"message_stop"')) return []
      isStopped = true
      const missing = events()
      isFinished = true
      return missing
    },
    after: () => (protocol === 'anthropic' && !isStopped ? [...events(), JSON.stringify(STOP)] : events()),
  }
}

const STOP = { type: 'message_stop' }

/** The event that says why a stream ended, by protocol. */
const FINISHES: { readonly [protocol in Protocol]: object } = {
  chat: { choices: [{ index: 0, delta: {}, finish_reason: NO_FINISH_REASON }] },
  anthropic: { type: 'message_delta', delta: { stop_reason: NO_FINISH_REASON }, usage: { output_tokens: 0 } },
  responses: { type: 'response.incomplete', response: { incomplete_details: { reason: NO_FINISH_REASON } } },
  google: { candidates: [{ finishReason: NO_FINISH_REASON }] },
}
