import type { ServerResponse } from 'node:http'

// by the body, which stays the same where a middleware makes a new response of one
const texts = new WeakMap<ReadableStream, string>()

/** How an answer is given beside its body. */
type Told = { readonly status: number; readonly headers?: { readonly [name: string]: string } }

/** The value as JSON. A server takes its text as it is: read through a stream it costs as much as all else of a cheap answer. */
export function jsonResponse(value: unknown, { status, headers }: Told): Response {
  const text = JSON.stringify(value)
  const response = new Response(text, { status, headers: { 'content-type': 'application/json', ...headers } })
  texts.set(response.body!, text)
  return response
}

/** The text that is all of the answer's body; undefined where it has to be read. */
export function textOf({ body }: Response): string | undefined {
  return body === null ? undefined : texts.get(body)
}

/** Sends an answer of which that is the body; nothing to who has gone. */
export function sendText(outgoing: ServerResponse, { status, headers }: Response, text: string): void {
  if (outgoing.destroyed) return
  outgoing.writeHead(status, { ...Object.fromEntries(headers), 'content-length': Buffer.byteLength(text) })
  outgoing.end(text)
}
