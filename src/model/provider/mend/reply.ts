import { isJsonObject, rawJson } from '../../../kernel/json.ts'
import { attempt } from '../../../lib/flow/attempt.ts'
import { mendBlocks } from './anthropic.ts'
import { isName, mendChatCall, mendParts } from './calls.ts'
import { changed, eachOf, inMap, type JsonFields } from './changed-fields.ts'
import { createRefusalReader } from './refusal.ts'
import { mendOutput } from './responses.ts'
import { mendUsage } from './usage.ts'

/**
 * The JSON of a provider's reply in the form that the SDK reads: parameters of calls as
 * text, a name for each call, and numbers as counts of tokens. Everything else stays as
 * it came, so do all digits. Text that is not JSON is returned unchanged. Pure.
 */
export const mendReply = (text: string): string =>
  mendWith(text, (reply) => mendFields(createRefusalReader()(withMessage(reply)), true))

/** The JSON text of a map with a change. All digits of its numbers stay. */
export function mendWith(text: string, mend: (value: JsonFields) => JsonFields): string {
  const value = parsed(text)
  if (!isJsonObject(value)) return text
  const mended = mend(value)
  if (mended === value) return text
  // now with all digits of its numbers
  return JSON.stringify(mend(parsed(text, keepDigits) as JsonFields))
}

const parsed = (text: string, revive?: (...args: readonly never[]) => unknown): unknown =>
  attempt(() => (JSON.parse as (text: string, revive: unknown) => unknown)(text, revive))

const keepDigits = (_key: never, value: unknown, { source }: { readonly source?: string }) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined ? rawJson(source) : value

/** A whole reply, or an event of a stream. */
export function mendFields(reply: JsonFields, isWhole = false): JsonFields {
  return changed(mendUsage(reply), {
    choices: eachOf(inMap(mendChoice)),
    content: (content) => (reply.type === 'message' ? mendBlocks(content) : content),
    candidates: eachOf(
      inMap((candidate) =>
        changed(candidate, { content: inMap((content) => changed(content, { parts: mendParts(isWhole) })) }),
      ),
    ),
    output: mendOutput,
    response: inMap((inner) => mendFields({ object: 'response', ...mendStatus(inner) })),
    incomplete_details: (details) => (reply.status === 'incomplete' ? (details ?? INCOMPLETE) : details),
  })
}

/** OpenAI's Responses say by the status alone that a reply has no end, if they give no reason. */
const mendStatus = (response: JsonFields): JsonFields =>
  response.status === 'incomplete' && response.incomplete_details === undefined
    ? { ...response, incomplete_details: null }
    : response
const INCOMPLETE = { reason: 'incomplete' }

/** A whole reply of the chat protocol without any message is an empty one. */
const withMessage = (reply: JsonFields): JsonFields =>
  Array.isArray(reply.choices) && reply.choices.length === 0 ? { ...reply, choices: [EMPTY] } : reply
const EMPTY = { index: 0, message: { role: 'assistant', content: '' }, finish_reason: null }

const mendChoice = (choice: JsonFields): JsonFields =>
  changed(choice, {
    message: inMap((message) => changed(message, { tool_calls: eachOf(inMap(mendChatCall)) })),
    finish_reason: (reason) => {
      // a router says `error`, and adds the provider's reason
      if (reason === 'error' && isName(choice.native_finish_reason)) return choice.native_finish_reason
      return typeof reason === 'string' || reason === null ? reason : JSON.stringify(reason)
    },
  })
