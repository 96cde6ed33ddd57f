import type { Readable, Writable } from 'node:stream'
import { tryParse } from '../../kernel/json.ts'

/** The transport by which Playwright drives a browser. */
export interface BrowserPipe {
  send(message: object): void
  close(): void
  onmessage?: (message: object) => void
  onclose?: (reason?: string) => void
}

/** Bytes of one message. A page decides how large some of them are. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024

/** Messages to and from Chromium: JSON, each ended by a null byte. A message that is too large ends the browser. */
export function browserPipe(input: Writable, output: Readable, end: () => void): BrowserPipe {
  const pipe: BrowserPipe = {
    send: (message) => input.write(`${JSON.stringify(message)}\0`),
    close: end,
  }
  let parts: Buffer[] = []
  let size = 0
  const add = (part: Buffer) => {
    parts.push(part)
    size += part.length
    if (size > MAX_MESSAGE_BYTES) end()
  }
  output.on('data', (chunk: Buffer) => {
    let from = 0
    for (let at = chunk.indexOf(0); at >= 0; at = chunk.indexOf(0, from)) {
      add(chunk.subarray(from, at))
      const message = tryParse(Buffer.concat(parts).toString())
      if (typeof message !== 'object' || message === null) return end()
      // Playwright expects no message while it sends one
      setImmediate(() => pipe.onmessage?.(message))
      parts = []
      size = 0
      from = at + 1
    }
    add(chunk.subarray(from))
  })
  // the browser that broke the pipe has ended, which its process tells
  input.on('error', () => {})
  output.on('close', () => pipe.onclose?.())
  return pipe
}
