import { isJsonObject } from '../../../kernel/json.ts'
import type { JsonFields } from './changed-fields.ts'
import { createChatCalls } from './chat-calls.ts'

/** Texts of a message that a server may repeat whole in its last event. */
const TEXTS = ['content', 'reasoning_content', 'reasoning']

/** Mends the events of a streamed reply of the chat protocol. */
export function createChatMending() {
  const calls = createChatCalls()
  const heard: { [text: string]: string } = {}
  /** The rest of a whole message, after what the deltas have said. */
  const restOf = (message: JsonFields): JsonFields => {
    const texts = TEXTS.flatMap((name) => {
      const [text, before = ''] = [message[name], heard[name]]
      return isText(text) && text.startsWith(before) ? [[name, text.slice(before.length)]] : []
    })
    const given = Array.isArray(message.tool_calls) ? message.tool_calls.filter(isJsonObject) : []
    // without an id nobody knows which call is meant
    const again = given
      .map((call, index): JsonFields => ({ index, ...call }))
      .filter(({ id }) => id || !calls.hasBegun())
    return { ...Object.fromEntries(texts), ...(again.length > 0 && { tool_calls: again }) }
  }
  const mendChoice = ({ message, ...choice }: JsonFields): JsonFields => {
    const whole = isJsonObject(message) ? message : undefined
    const isAlone = !isJsonObject(choice.delta)
    const hasSpoken = calls.hasBegun() || Object.keys(heard).length > 0
    const delta: JsonFields = isAlone ? (whole && !hasSpoken ? whole : {}) : (choice.delta as JsonFields)
    const said = withCalls(delta)
    if (!isAlone) for (const name of TEXTS) if (isText(delta[name])) heard[name] = (heard[name] ?? '') + delta[name]
    const rest = whole && (hasSpoken || !isAlone) ? withCalls(restOf(whole)) : {}
    const { role, ...all } = joined(said, rest)
    const isKnown = role === undefined || role === 'assistant'
    return { index: 0, ...choice, delta: { ...all, ...(role !== undefined && { role: isKnown ? role : 'assistant' }) } }
  }
  const withCalls = (delta: JsonFields): JsonFields => {
    if (!Array.isArray(delta.tool_calls)) return delta
    const { tool_calls: given, ...rest } = delta
    const taken = calls.take((given as readonly unknown[]).filter(isJsonObject))
    return taken.length > 0 ? { ...rest, tool_calls: taken } : rest
  }
  return {
    take({ choices, id, created, ...rest }: JsonFields): JsonFields {
      return {
        ...rest,
        ...(typeof created === 'number' && { created }),
        ...(id !== undefined && id !== null && { id: String(id) }),
        choices: Array.isArray(choices) ? choices.map((one) => (isJsonObject(one) ? mendChoice(one) : one)) : [],
      }
    },
    /** Events for the end of the stream. */
    end(): readonly JsonFields[] {
      const left = calls.end()
      return left.length === 0 ? [] : [{ choices: [{ index: 0, delta: { tool_calls: left } }] }]
    },
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** Two deltas as one. */
function joined(one: JsonFields, other: JsonFields): JsonFields {
  const texts = TEXTS.filter((name) => isText(other[name]))
  const lists = [one.tool_calls, other.tool_calls].flatMap((list) => (Array.isArray(list) ? list : []))
  return {
    ...one,
    ...Object.fromEntries(texts.map((name) => [name, `${one[name] ?? ''}${other[name]}`])),
    ...(lists.length > 0 && { tool_calls: lists }),
  }
}
