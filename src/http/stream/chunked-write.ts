import type { ServerResponse } from 'node:http'

let last: { readonly text: string; readonly chunk: Buffer } | undefined

/**
 * Writes a text of an answer's body straight to its connection; false when that is full. Through the answer itself each text would be
 * copied and framed anew for each of thousands of clients, and written in three pieces.
 */
export function writeChunk(outgoing: ServerResponse, text: string): boolean {
  const { socket, chunkedEncoding } = outgoing
  // an answer before it is not out yet, or the client cannot take it in chunks
  if (!socket || !chunkedEncoding) return outgoing.write(text)
  if (last?.text !== text) last = { text, chunk: chunkOf(text) }
  return socket.write(last.chunk)
}

function chunkOf(text: string): Buffer {
  const length = Buffer.byteLength(text)
  return Buffer.from(`${length.toString(16)}\r\n${text}\r\n`)
}
