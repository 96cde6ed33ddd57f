import { TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { documentOf } from './problem.ts'

/** A server-sent event. A durable one has a number, or a cursor such as `12.3` in a conversation; a volatile none. */
export type Sent = { readonly id?: number | string; readonly event?: string; readonly data: Json }

/** The wire format of an event. JSON contains no line break, so it is one data line. */
export function encodeEvent({ id, event, data }: Sent): string {
  const lines = [
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(event === undefined ? [] : [`event: ${event}`]),
    `data: ${JSON.stringify(data)}`,
  ]
  return `${lines.join('\n')}\n\n`
}

/** The error as the last event of a stream. */
export function encodeFault(error: unknown): string {
  return encodeEvent({ event: 'problem', data: documentOf(error) as Json })
}

/** A line without content that shows both sides that the other is alive. */
export const encodeComment = (text: string): string => `: ${text}\n\n`

const MAX_EVENT = 8 * 1024 * 1024

/** The events of a stream as they arrive. Throws for an aborted signal, and an event of more than 8 Mi characters. */
export async function* decodeEvents(stream: ReadableStream<Uint8Array>, signal?: AbortSignal): AsyncGenerator<Sent> {
  let pending = ''
  for await (const text of stream.pipeThrough(new TextDecoderStream(), { ...(signal && { signal }) })) {
    const blocks = (pending + text).split('\n\n')
    pending = blocks.pop() ?? ''
    if (pending.length > MAX_EVENT) throw new TerminalError('An event is too large.', { code: 'too_large' })
    for (const block of blocks) if (HAS_DATA.test(block)) yield decodeBlock(block)
  }
}

/** Other lines are comments, or set the time for a reconnection. */
const HAS_DATA = /^data: /m

function decodeBlock(block: string): Sent {
  const fields = new Map(block.split('\n').map(splitField))
  const id = fields.get('id')
  const event = fields.get('event')
  return {
    ...(id !== undefined && { id: /^\d+$/.test(id) ? Number(id) : id }),
    ...(event !== undefined && { event }),
    data: dataOf(fields.get('data') ?? 'null'),
  }
}

function dataOf(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw new TerminalError('Expected an event stream of antiphon.', { code: 'no_server', cause })
  }
}

function splitField(line: string): [name: string, value: string] {
  const colon = line.indexOf(': ')
  return [line.slice(0, colon), line.slice(colon + 2)]
}
