import { InvalidError } from '../../errors.ts'
import { givenId } from '../../house/common-fields.ts'
import { type Json, parse } from '../../kernel/schema.ts'
import { checkMessageSize } from '../../work/text-limits.ts'

type Sent = { readonly id: string; readonly role: string; readonly [field: string]: unknown }

/** The newest message of a user, and the role of a message that follows it. */
type NewestMessage = { readonly id: string; readonly text: string; readonly followedBy?: string }

/**
 * The newest message of the user in a request of a front end; everything else in it has no effect. `content` is the
 * field with its text or its parts. InvalidError if there is none, or if it holds more than text.
 */
export async function newestMessage(messages: readonly Sent[], content: 'parts' | 'content'): Promise<NewestMessage> {
  const place = messages.findLastIndex(({ role }) => role === 'user')
  const message = messages[place]
  if (!message) throw wrong('messages', 'expected a message of the user')
  const path = `messages.${place}.${content}`
  const last = messages.at(-1)!
  const text = textIn(message[content], path)
  checkMessageSize(text, `body.${path}`)
  return {
    id: await parse(givenId, message.id, `body.messages.${place}.id`),
    text,
    ...(last !== message && { followedBy: last.role }),
  }
}

/** The error about a request that ends with something else than a message of the user. */
export function notLast(role: string): InvalidError {
  return wrong('messages', `expected a message of the user at the end, got one of the role ${JSON.stringify(role)}`, {
    hint: 'Results of tools are not taken. An approval goes to POST /v1/runs/{run}/approve.',
  })
}

function textIn(content: unknown, path: string): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) throw wrong(path, 'expected a text or a list of parts')
  return content.map((part: unknown, place) => textOf(part, `${path}.${place}`)).join('\n')
}

function textOf(part: unknown, path: string): string {
  const { type, text } = (part ?? {}) as { readonly type?: Json; readonly text?: Json }
  if (type === 'text' && typeof text === 'string') return text
  throw wrong(path, `expected a part of the type "text", got ${JSON.stringify(type)?.slice(0, 100)}`, {
    hint: 'A message holds text alone.',
  })
}

const wrong = (path: string, message: string, more: { readonly hint?: string } = {}) =>
  new InvalidError(`body.${path}: ${message}`, { place: { path: `body.${path}` }, ...more })
