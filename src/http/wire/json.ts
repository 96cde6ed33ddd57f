import type { ServerResponse } from 'node:http'

/** Options of a response besides its body. */
type AnswerHead = { readonly status: number; readonly headers?: { readonly [name: string]: string } }

export function jsonResponse(value: unknown, { status, headers }: AnswerHead): Response {
  return new TextResponse(JSON.stringify(value), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  })
}

/**
 * A response with a text. The server uses the text directly, and a body is made only for other readers: making a body
 * costs twice as much as the rest of a response, and reading it as much as the rest of a cheap response.
 */
class TextResponse extends Response {
  readonly content: string
  #whole: Response | undefined

  constructor(content: string, head: AnswerHead) {
    super(null, head)
    this.content = content
  }

  get whole(): Response {
    this.#whole ??= wholeOf(this)
    return this.#whole
  }
}

for (const name of ['body', 'bodyUsed'] as const)
  Object.defineProperty(TextResponse.prototype, name, {
    get(this: TextResponse) {
      return this.whole[name]
    },
  })

for (const name of ['arrayBuffer', 'blob', 'bytes', 'clone', 'formData', 'json', 'text'] as const)
  Object.defineProperty(TextResponse.prototype, name, {
    value(this: TextResponse) {
      return this.whole[name]()
    },
  })

// keyed by the body, which stays the same when a middleware makes a new response
const texts = new WeakMap<ReadableStream, string>()

function wholeOf({ content, status, headers }: TextResponse): Response {
  const whole = new Response(content, { status, headers })
  texts.set(whole.body!, content)
  return whole
}

/** The text of the whole body; undefined if the body must be read. */
export function textOf(response: Response): string | undefined {
  if (response instanceof TextResponse) return response.content
  return response.body === null ? undefined : texts.get(response.body)
}

/** Sends a response with this body; nothing if the client has gone. */
export function sendText(outgoing: ServerResponse, { status, headers }: Response, text: string): void {
  if (outgoing.destroyed) return
  outgoing.writeHead(status, { ...Object.fromEntries(headers), 'content-length': Buffer.byteLength(text) })
  outgoing.end(text)
}
