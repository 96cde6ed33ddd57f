import { setTimeout } from 'node:timers/promises'
import type { FetchLike, JSONRPCMessage } from '@modelcontextprotocol/client'
import { RetryableError, TerminalError } from '../../../errors.ts'
import { decodeText, encodingNote, isDecoded } from '../../../lib/encoding/encoding.ts'
import { formOf } from '../../../model/provider/reply-form.ts'
import { oddMessage } from '../failure.ts'
import { plainText } from '../settings.ts'
import { readLine } from './read-line.ts'

/** The way to one server over HTTP. */
type HttpExchange = {
  readonly name: string
  readonly fetch: FetchLike
  /** receives messages for people */
  readonly notice: (line: string) => void
}

type Input = Parameters<FetchLike>[0]
type Init = NonNullable<Parameters<FetchLike>[1]>

/**
 * The messages of a response to the request `id`, with the reply among them. The protocol
 * has no other way for a reply than this response and the streams that continue it. So a
 * response without the reply is an error at once, not a wait until the time limit.
 */
export async function readReply(
  exchange: HttpExchange,
  id: unknown,
  { input, init, response }: { readonly input: Input; readonly init: Init; readonly response: Response },
): Promise<readonly JSONRPCMessage[]> {
  const messages: JSONRPCMessage[] = []
  let part = await readBody(exchange, id, response)
  for (;;) {
    messages.push(...part.messages)
    if (part.stray !== undefined)
      exchange.notice(`The MCP server ${exchange.name} sent something other than plain messages: ${part.stray}`)
    if (part.messages.some((message) => isReply(message) && idIn(message) === String(id))) return messages
    if (part.lastId === undefined) throw missingReply(exchange.name, id, messages, part)
    const pause = Math.min(part.retry ?? RESUME_MS, MAX_RESUME_MS)
    await setTimeout(pause, undefined, { ...(init.signal && { signal: init.signal }) })
    part = await resumed(exchange, id, part.lastId, { input, init })
  }
}

/** ms until a stream that ended early is continued, unless the server says so. */
const RESUME_MS = 1000
const MAX_RESUME_MS = 30_000

async function resumed(
  exchange: HttpExchange,
  id: unknown,
  lastId: string,
  { input, init }: { readonly input: Input; readonly init: Init },
): Promise<Body> {
  const headers = new Headers(init.headers)
  headers.delete('content-type')
  headers.set('accept', 'text/event-stream')
  headers.set('last-event-id', lastId)
  const response = await exchange.fetch(input, { method: 'GET', headers, ...(init.signal && { signal: init.signal }) })
  if (!response.ok) throw streamEnded(exchange.name, `, and could not be resumed (status ${response.status})`)
  const part = await readBody(exchange, id, response)
  return { ...part, lastId: part.lastId ?? lastId }
}

/** The content of a body. `lastId`: the event after which its stream can be continued. */
type Body = {
  readonly messages: readonly JSONRPCMessage[]
  readonly isStream: boolean
  /** the beginning of a text that is not a message */
  readonly stray?: string
  readonly lastId?: string
  /** ms until the stream is continued */
  readonly retry?: number
}

async function readBody({ name, notice }: HttpExchange, id: unknown, response: Response): Promise<Body> {
  const bytes = new Uint8Array(await response.arrayBuffer())
  const type = response.headers.get('content-type') ?? ''
  const read = decodeText(bytes, /charset="?([\w-]+)/i.exec(type)?.[1])
  if (!isDecoded(read)) throw oddMessage(name, `a body that ${read.fault}`)
  const note = encodingNote(`An answer of the MCP server ${name}`, read)
  if (note !== undefined) notice(note)
  const text = read.text.replace(/^\uFEFF/, '')
  const isStream = (formOf(text) ?? (/event-stream/i.test(type) ? 'stream' : 'whole')) === 'stream'
  if (!isStream) return { isStream, ...readTexts([text], id) }
  const { events, ...more } = readEvents(text)
  return { isStream, ...readTexts(events, id), ...more }
}

function readTexts(texts: readonly string[], id: unknown): Pick<Body, 'messages' | 'stray'> {
  const messages: JSONRPCMessage[] = []
  let stray: string | undefined
  for (const text of texts) {
    const read = readLine(text, new Set([String(id)]))
    if (read.type === 'messages') messages.push(...read.messages)
    if ((read.type !== 'messages' || read.isOdd) && text.trim() !== '') stray ??= plainText(text, 200)
  }
  return { messages, ...(stray !== undefined && { stray }) }
}

/** The data of the events of a stream. The last one may lack the empty line after it: the body is whole. */
function readEvents(text: string): { readonly events: readonly string[] } & Pick<Body, 'lastId' | 'retry'> {
  const events: string[] = []
  let data: string[] = []
  let lastId: string | undefined
  let retry: number | undefined
  for (const line of [...text.split(/\r\n|\r|\n/), '']) {
    const [, field, value = ''] = /^([a-z]+)(?:: ?(.*))?$/s.exec(line) ?? []
    if (field === 'data') data.push(value)
    if (field === 'id' && value !== '') lastId = value
    if (field === 'retry' && /^\d+$/.test(value)) retry = Number(value)
    if (line !== '') continue
    if (data.length > 0) events.push(data.join('\n'))
    data = []
  }
  return { events, ...(lastId !== undefined && { lastId }), ...(retry !== undefined && { retry }) }
}

const isReply = (message: object) => 'result' in message || 'error' in message
const idIn = (message: object) => String((message as { readonly id?: unknown }).id)

function missingReply(
  name: string,
  id: unknown,
  messages: readonly JSONRPCMessage[],
  { stray, isStream }: Body,
): Error {
  const other = messages.find(isReply)
  if (other) return noReply(name, `expected the id ${id}, got ${idIn(other)}`)
  if (stray !== undefined) return oddMessage(name, stray)
  return isStream ? streamEnded(name) : noReply(name, 'the body of its answer is empty')
}

const noReply = (name: string, why: string) =>
  new TerminalError(`The MCP server ${name} did not reply to the request: ${why}.`, { code: 'bad_response' })

/** Something on the way may have closed it, so another attempt may help. */
const streamEnded = (name: string, more = '') =>
  new RetryableError(`The stream of the MCP server ${name} ended before its reply${more}`, { code: 'mcp_gone' })
