import type { JSONRPCMessage } from '@modelcontextprotocol/client'
import { isJsonObject, parseExact } from '../../../kernel/json.ts'
import { attempt } from '../../../lib/flow/attempt.ts'
import { jsonIn } from '../../../model/structured-output/read-json.ts'

/** The content of a line of a server. `stray`: no message, such as a log line. */
export type ReadLine =
  | { readonly type: 'messages'; readonly messages: readonly JSONRPCMessage[]; readonly isOdd: boolean }
  /** a reply to this request that cannot be read for certain */
  | { readonly type: 'unreadable'; readonly id: string }
  | { readonly type: 'stray' }

const STRAY: ReadLine = { type: 'stray' }

/**
 * Reads a line: one message, or several in a list. A reply behind a log text, or one
 * without `jsonrpc`, counts if it holds one whole reply to a request of `pending`,
 * which holds ids as texts. Nothing is guessed: a broken reply is unreadable.
 */
export function readLine(line: string, pending: ReadonlySet<string>): ReadLine {
  const values = valuesIn(line)
  if (!values) return readBroken(line, pending)
  const [only] = values as readonly [Fields | undefined]
  if (only !== undefined && values.every(isMessage))
    return (values.length === 1 ? readReply(only, pending) : undefined) ?? found(values)
  if (values.length > 1 || !isJsonObject(only) || !isPending(only, pending) || !hasOutcome(only)) return STRAY
  // a log line in JSON may have an id as well
  return isPlain(only) ? found([{ ...only, jsonrpc: '2.0' }], true) : { type: 'unreadable', id: String(only.id) }
}

type Fields = { readonly [name: string]: unknown }

const found = (messages: readonly unknown[], isOdd = false): ReadLine => ({
  type: 'messages',
  messages: messages as readonly JSONRPCMessage[],
  isOdd,
})

const valuesIn = (line: string): readonly unknown[] | undefined =>
  attempt(() => [parseExact(line.replace(/^\uFEFF/, ''))].flat())

const isMessage = (value: unknown): value is Fields => isJsonObject(value) && value.jsonrpc === '2.0'

/** A lone message that needs a second look; undefined: it is fine. */
function readReply(message: Fields, pending: ReadonlySet<string>): ReadLine | undefined {
  const { id, error, method } = message
  if (method !== undefined) return undefined
  if (isPending(message, pending) && !hasOutcome(message)) return { type: 'unreadable', id: String(id) }
  // by JSON-RPC, a server that could not read the id of a request answers without one
  const [asked, ...others] = pending
  const isOfRequest = (id ?? undefined) === undefined && error !== undefined && others.length === 0
  return isOfRequest && asked !== undefined ? found([{ ...message, id: asked }]) : undefined
}

const isPending = ({ id }: Fields, pending: ReadonlySet<string>) => pending.has(String(id))

const hasOutcome = ({ result, error }: Fields) => result !== undefined || (error ?? undefined) !== undefined

const REPLY_FIELDS = ['jsonrpc', 'id', 'result', 'error']
const isPlain = (reply: Fields) => Object.keys(reply).every((name) => REPLY_FIELDS.includes(name))

const ID = /"id"\s*:\s*"?([\w-]+)/g
const OUTCOME = /"(?:result|error)"\s*:/

/** A line that is not JSON as a whole: a log text with a reply in it, or a reply that is broken. */
function readBroken(line: string, pending: ReadonlySet<string>): ReadLine {
  if (!OUTCOME.test(line)) return STRAY
  const values = jsonIn(line).map(({ value }) => value)
  const replies = values.filter((value) => isMessage(value) && isPending(value, pending) && hasOutcome(value))
  const ids = new Set(replies.map((reply) => String((reply as Fields).id)))
  return replies.length > 0 && ids.size === replies.length ? found(replies, true) : replyIn(line, pending)
}

/** Whether a line that cannot be read has the parts of a reply to just one of the requests. */
export function replyIn(line: string, pending: ReadonlySet<string>): ReadLine {
  if (!OUTCOME.test(line)) return STRAY
  const named = new Set([...line.matchAll(ID)].map(([, id]) => id!))
  const [id, ...others] = [...named].filter((one) => pending.has(one))
  return id !== undefined && others.length === 0 ? { type: 'unreadable', id } : STRAY
}

const UNREADABLE = 'antiphon/unreadable'

/** A reply in the place of one that cannot be read. */
export const unreadableReply = (id: string, line: string): JSONRPCMessage => ({
  jsonrpc: '2.0',
  id,
  error: { code: -32_700, message: 'a reply that cannot be read', data: { [UNREADABLE]: line } },
})

/** The line that could not be read, in the data of an error. */
export function unreadableIn(data: unknown): string | undefined {
  const line = isJsonObject(data) ? data[UNREADABLE] : undefined
  return typeof line === 'string' ? line : undefined
}

/** Joins the lines of a message such as pretty-printed JSON: from a lone `{` to a lone `}`. */
export function joinLines(maxLength: number): (line: string) => readonly string[] {
  let open: string[] = []
  let length = 0
  return (line) => {
    const text = line.trimEnd()
    if (open.length === 0 && text !== '{') return [line]
    const isEnd = text === '}'
    const isPart = open.length === 0 || isEnd || /^\s/.test(line)
    open.push(line)
    length += line.length
    if (isPart && !isEnd && length <= maxLength) return []
    const lines = isEnd ? [open.join('\n')] : open
    open = []
    length = 0
    return lines
  }
}
