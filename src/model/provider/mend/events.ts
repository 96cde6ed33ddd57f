import { isJsonObject, parseExact, rawJson } from '../../../kernel/json.ts'
import { clip } from '../../../lib/clip.ts'
import { attempt } from '../../../lib/flow/attempt.ts'
import { NO_FINISH_REASON } from '../../reply/ending.ts'
import { failedGenerationIn } from '../../reply/failed-reply.ts'
import { createMessageMending } from './anthropic.ts'
import type { JsonFields } from './changed-fields.ts'
import { createChatMending } from './chat.ts'
import { createRefusalReader } from './refusal.ts'
import { mendFields } from './reply.ts'
import { createResponseMending } from './responses.ts'

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

export function createEventMending(): EventMending {
  const stream = createEndings()
  const chat = createChatMending()
  const refusals = createRefusalReader()
  const message = createMessageMending()
  const response = createResponseMending()
  const heard: string[] = []
  const known = (event: JsonFields): readonly JsonFields[] => {
    switch (protocolOf(event)) {
      case 'chat':
        return [chat.take(refusals(event))]
      case 'anthropic':
        return message.take(event)
      case 'responses':
        return response.take(event)
      default:
        return [event]
    }
  }
  return {
    take(data, name = '') {
      heard.push(data)
      if (isDone(data)) return ['[DONE]']
      if (isSignOfLife(data, name)) return []
      const event = parsed(data)
      if (event === undefined && !isForeign(name)) throw unread(data, heard)
      if (!isJsonObject(event)) return Array.isArray(event) && event.length > 0 ? [data] : []
      if (isIdle(event) || !isOfReply(event)) return []
      if (failedGenerationIn(event) !== undefined) throw failedGeneration(data)
      const events = known(event)
      // an event that is as it came keeps its text
      const texts = events.map((one) => mendFields(one)).map((one) => (one === event ? data : JSON.stringify(one)))
      return [...stream.before(event, data).map((one) => JSON.stringify(one)), ...texts]
    },
    end: () => [...chat.end(), ...stream.after()].map((event) => JSON.stringify(mendFields(event))),
  }
}

/** An event with all digits of its numbers; undefined: it is not JSON. */
const parsed = (data: string): unknown =>
  attempt(() =>
    parseExact(data, (value, written) => (Number.isSafeInteger(value) ? value : rawJson(written)) as number),
  )

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
function isIdle({ type, event, object, status, ...rest }: JsonFields): boolean {
  const words = [type, event, object, status]
  return words.some((word) => LIFE.test(String(word))) || (words.every((one) => one === undefined) && isEmpty(rest))
}
const isEmpty = (fields: JsonFields) => Object.keys(fields).length === 0

/** The name of an event that no protocol has, so that its data may be anything. */
const isForeign = (name: string) =>
  !/^\s*$|message|content_block|response|error|chunk|completion|delta|data/i.test(name)

/** Whether an event is a part of a reply, or an error. Others are passed over: protocols get new ones. */
const isOfReply = (event: JsonFields) =>
  protocolOf(event) !== undefined || (event.error ?? null) !== null || isErrorLike(event)

/** Errors that are not in a field of this name: those of vLLM, Mistral and gateways. */
const isErrorLike = ({ type, object, code, status, detail }: JsonFields) =>
  [type, object].some((word) => /error/i.test(String(word))) ||
  [code, status].some((word) => typeof word === 'number' && word >= 400) ||
  (detail !== undefined && type === undefined)

type Protocol = 'chat' | 'anthropic' | 'responses' | 'google'

/** The protocol of an event. The last event of some servers of the chat protocol has only the usage. */
function protocolOf({ type, choices, candidates, usage, object, ...more }: JsonFields): Protocol | undefined {
  if (typeof type === 'string') {
    if (/^(?:message_|content_block_)/.test(type)) return 'anthropic'
    if (type.startsWith('response.')) return 'responses'
  }
  if (choices !== undefined) return 'chat'
  if (candidates !== undefined || isJsonObject(more.promptFeedback) || isJsonObject(more.usageMetadata)) return 'google'
  const isCount = isJsonObject(usage) || object === 'chat.completion.chunk'
  return type === undefined && (more.error ?? null) === null && isCount ? 'chat' : undefined
}

const FINISH =
  /"(?:finish_reason|stop_reason|finishReason|blockReason)"\s*:\s*(?!null|"")|"response\.(?:completed|incomplete|failed)"|"error"\s*:\s*\{|"type"\s*:\s*"error"/

/** Follows whether a stream says why it ends. */
function createEndings() {
  let protocol: Protocol | undefined
  let isFinished = false
  let isStopped = false
  const missing = () => (protocol === undefined || isFinished ? [] : [FINISHES[protocol]])
  return {
    /** Events that belong before this one. */
    before(event: JsonFields, data: string): readonly JsonFields[] {
      if (hasContent(event)) protocol ??= protocolOf(event)
      isFinished ||= FINISH.test(data)
      if (event.type !== 'message_stop') return []
      isStopped = true
      const events = missing()
      isFinished = true
      return events
    },
    after: () => (protocol === 'anthropic' && !isStopped ? [...missing(), STOP] : missing()),
  }
}

/** An event without any choice says nothing of how its reply goes on. */
const hasContent = ({ choices = [], candidates = [], type }: JsonFields) =>
  type !== undefined || [choices, candidates].some((list) => Array.isArray(list) && list.length > 0)

const STOP = { type: 'message_stop' }

/** The event that says why a stream ended, by protocol. */
const FINISHES: { readonly [protocol in Protocol]: JsonFields } = {
  chat: { choices: [{ index: 0, delta: {}, finish_reason: NO_FINISH_REASON }] },
  anthropic: { type: 'message_delta', delta: { stop_reason: NO_FINISH_REASON }, usage: { output_tokens: 0 } },
  responses: { type: 'response.incomplete', response: { incomplete_details: { reason: NO_FINISH_REASON } } },
  google: { candidates: [{ finishReason: NO_FINISH_REASON }] },
}
