import { TerminalError } from '../../errors.ts'
import { isJsonObject, withExactNumbers } from '../../kernel/json.ts'
import { createEventMending } from './mend/events.ts'
import { mendReply, mendWith } from './mend/reply.ts'
import { mendVectors } from './mend/usage.ts'
import { emptyReply, exchangeNow, formOf } from './reply-form.ts'

const MAX_REPLY_BYTES = 64 * 1024 * 1024

/** `fetch` for a provider: an endless reply fails before it fills the memory, and a text model's reply is mended. */
export const boundedFetch: typeof fetch = async (...request) => {
  const exchange = exchangeNow()
  if (exchange && 'given' in exchange && exchange.given) {
    const { given } = exchange
    exchange.given = undefined
    return given
  }
  const response = await fetch(...held(request, exchange))
  const { body } = response
  if (!body) return response
  const bounded = body.pipeThrough(bound())
  if (!exchange || !response.ok) return new Response(bounded, response)
  if (exchange.form === 'vectors') return new Response(mendedText(bounded, wholeText(mendVectors)), response)
  const { form, stream } = await beginningOf(bounded)
  if (form === undefined && exchange.form === 'stream') return new Response(await unread(stream, response), response)
  if (form === undefined) return new Response(stream, response)
  const mending = form === 'whole' ? wholeText((text) => withExactNumbers(mendReply(text))) : wholeEvents()
  const mended = new Response(mendedText(stream, mending), response)
  if (form === exchange.form) return mended
  exchange.held = mended
  return emptyReply(exchange.form)
}

type Sent = Parameters<typeof fetch>

/** The request with no more tokens than its call may have. */
function held([url, init]: Sent, exchange: ReturnType<typeof exchangeNow>): Sent {
  const most = exchange && 'maxTokens' in exchange ? exchange.maxTokens : undefined
  const body = init?.body
  return most === undefined || typeof body !== 'string' ? [url, init] : [url, { ...init, body: heldBody(body, most) }]
}

function bound(): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0
  return new TransformStream({
    transform(chunk, to) {
      bytes += chunk.length
      if (bytes > MAX_REPLY_BYTES) throw tooLong()
      to.enqueue(chunk)
    },
  })
}

function tooLong(): TerminalError {
  return new TerminalError(`The server sent more than ${MAX_REPLY_BYTES / 1024 / 1024} MiB for one reply.`, {
    code: 'model_invalid_output',
  })
}

/** An empty body. Throws an error with the text of any other body that is no stream of events. */
async function unread(stream: ReadableStream<Uint8Array>, { status }: Response): Promise<string> {
  const text = await new Response(stream).text()
  if (text.trim() === '') return text
  const name = 'AI_JSONParseError'
  throw Object.assign(new Error('expected a stream of events, got another text'), {
    name,
    statusCode: status,
    responseBody: text,
  })
}

/** Enough of a body to know its form by. */
const TELLING = /[:{[]|\S\s*\S{5}/

/** The form of a body, and the body from its beginning on. */
async function beginningOf(body: ReadableStream<Uint8Array>) {
  const reader = body.getReader()
  const read: Uint8Array[] = []
  let text = ''
  let isDone = false
  while (!isDone && !TELLING.test(text)) {
    const { done, value } = await reader.read()
    if (done) isDone = true
    else {
      read.push(value)
      text += new TextDecoder().decode(value)
    }
  }
  const stream = new ReadableStream<Uint8Array>({
    async pull(to) {
      const next = read.shift()
      if (next) return to.enqueue(next)
      const { done, value } = isDone ? { done: true, value: undefined } : await reader.read()
      if (done) to.close()
      else to.enqueue(value!)
    },
    cancel: (reason) => reader.cancel(reason),
  })
  return { form: formOf(text), stream }
}

function mendedText(
  body: ReadableStream<Uint8Array>,
  mending: TransformStream<string, string>,
): ReadableStream<Uint8Array> {
  return body
    .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
    .pipeThrough(mending)
    .pipeThrough(new TextEncoderStream())
}

function wholeText(mend: (text: string) => string): TransformStream<string, string> {
  const text: string[] = []
  return new TransformStream({
    transform: (chunk) => void text.push(chunk),
    flush: (to) => to.enqueue(mend(text.join(''))),
  })
}

/** Passes on whole events, each with its data in one line. Comments and the names of events are not needed any more. */
function wholeEvents(): TransformStream<string, string> {
  const mending = createEventMending()
  const block: string[] = []
  let name = ''
  // a list, since a line may come in many pieces
  let rest: string[] = []
  const endEvent = (): string => {
    const data = block.splice(0)
    const events = dataOf(data).flatMap((one) => mending.take(one, name))
    name = ''
    return asEvents(events)
  }
  const line = (text: string): string => {
    if (text === '') return endEvent()
    const [, field, value = ''] = /^(data|event)(?:: ?(.*))?$/s.exec(text) ?? []
    if (field === 'data') block.push(value)
    if (field === 'event') name = value
    return ''
  }
  return new TransformStream({
    transform(chunk, to) {
      // the last sign may be the first half of an end of line
      const end = Math.max(chunk.lastIndexOf('\n'), chunk.lastIndexOf('\r', chunk.length - 2)) + 1
      if (end > 0) {
        const lines = [...rest, chunk.slice(0, end)].join('').split(/\r\n|\n|\r/)
        lines.pop()
        const events = lines.map(line).join('')
        if (events !== '') to.enqueue(events)
        rest = []
      }
      if (end < chunk.length) rest.push(chunk.slice(end))
    },
    flush(to) {
      const last = line(rest.join('').replace(/\r$/, ''))
      to.enqueue(last + endEvent() + asEvents(mending.end()))
    },
  })
}

const asEvents = (events: readonly string[]) => events.map((data) => `data: ${withExactNumbers(data)}\n\n`).join('')

/** The data of an event: its lines together. Some servers leave out the empty line between events. */
function dataOf(lines: readonly string[]): readonly string[] {
  if (lines.length <= 1) return lines
  return lines.every((one) => /^\s*(?:\{.*\}|\[DONE\])\s*$/.test(one)) ? lines : [lines.join('\n')]
}

/** Tokens that Anthropic wants for thoughts at least. */
const LEAST_THOUGHTS = 1024

/**
 * The body of a request to Anthropic, with a limit of tokens for its reply, thoughts included. The package adds the
 * thoughts to the reply, but a budget pays for no more than was reserved.
 */
export const heldBody = (text: string, most: number): string =>
  mendWith(text, (body) => {
    const { thinking, max_tokens: asked, ...rest } = body
    const thoughts = isJsonObject(thinking) ? thinking.budget_tokens : undefined
    if (typeof asked !== 'number' || typeof thoughts !== 'number') return body
    const held = Math.min(asked, most)
    // words follow the thoughts
    const room = thoughts < held ? thoughts : held - LEAST_THOUGHTS
    const thinks = room < LEAST_THOUGHTS ? {} : { thinking: { ...(thinking as object), budget_tokens: room } }
    return { ...rest, max_tokens: held, ...thinks }
  })
