import { InvalidError } from '../../errors.ts'
import { givenId } from '../../house/common-fields.ts'
import { type Json, parse } from '../../kernel/schema.ts'
import { checkMessageSize } from '../../work/text-limits.ts'
import type { SentFile } from '../authorize/sent-files.ts'
import { fileOfPart } from './file-parts.ts'

type Sent = { readonly id: string; readonly role: string; readonly [field: string]: unknown }

/** The newest message of a user with its files, and the role of a message that follows it. */
type NewestMessage = {
  readonly id: string
  readonly text: string
  readonly uploads: readonly SentFile[]
  readonly followedBy?: string
}

/**
 * The newest message of the user in a request of a front end; everything else in it has no effect. `content` is the
 * field with its text or its parts. InvalidError if there is none, or if it holds more than text and files.
 */
export async function newestMessage(messages: readonly Sent[], content: 'parts' | 'content'): Promise<NewestMessage> {
  const place = messages.findLastIndex(({ role }) => role === 'user')
  const message = messages[place]
  if (!message) throw wrong('messages', 'expected a message of the user')
  const path = `messages.${place}.${content}`
  const last = messages.at(-1)!
  const { text, uploads } = partsIn(message[content], path)
  checkMessageSize(text, `body.${path}`)
  return {
    id: await parse(givenId, message.id, `body.messages.${place}.id`),
    text,
    uploads,
    ...(last !== message && { followedBy: last.role }),
  }
}

/** The error about a request that ends with something else than a message of the user. */
export function notLast(role: string): InvalidError {
  return wrong('messages', `expected a message of the user at the end, got one of the role ${JSON.stringify(role)}`, {
    hint: 'Results of tools are not taken. An approval goes to POST /v1/runs/{run}/approve.',
  })
}

function partsIn(content: unknown, path: string): Pick<NewestMessage, 'text' | 'uploads'> {
  if (typeof content === 'string') return { text: content, uploads: [] }
  if (!Array.isArray(content)) throw wrong(path, 'expected a text or a list of parts')
  const texts: string[] = []
  const uploads: SentFile[] = []
  for (const [place, given] of content.entries()) {
    const part = (given ?? {}) as { readonly [field: string]: Json }
    const at = `${path}.${place}`
    const file = fileOfPart(part, at)
    if (file) uploads.push(file)
    else if (part.type === 'text' && typeof part.text === 'string') texts.push(part.text)
    else throw otherPart(part.type, at)
  }
  return { text: texts.join('\n'), uploads }
}

const otherPart = (type: Json | undefined, path: string) =>
  wrong(path, `expected a text or a file, got a part of the type ${JSON.stringify(type)?.slice(0, 100)}`)

const wrong = (path: string, message: string, more: { readonly hint?: string } = {}) =>
  new InvalidError(`body.${path}: ${message}`, { place: { path: `body.${path}` }, ...more })
