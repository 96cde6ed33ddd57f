import { createHash } from 'node:crypto'
import { TerminalError } from '../../errors.ts'
import type { ByteStore } from './blobs.ts'

/** Bytes that are written and read as a whole, by their SHA-256 in hex. */
interface WholeBytes {
  /** Resolves with the hash when the bytes are durable. */
  put(content: Uint8Array): Promise<string>
  /** @throws NotFoundError if missing; TerminalError `damaged` */
  get(hash: string): Promise<Uint8Array>
}

/** Small files in a store of bytes. */
export function wholeBytes(bytes: ByteStore): WholeBytes {
  return {
    async put(content) {
      const draft = await bytes.draft(once(content))
      try {
        await bytes.keep(draft)
        return draft.hash
      } finally {
        await bytes.drop(draft)
      }
    },
    async get(hash) {
      const pieces: Uint8Array[] = []
      for await (const piece of await bytes.open(hash)) pieces.push(piece)
      const content = Buffer.concat(pieces)
      if (createHash('sha256').update(content).digest('hex') === hash) return content
      throw new TerminalError(`The bytes ${hash} are damaged: their content does not match their hash.`, {
        code: 'damaged',
      })
    },
  }
}

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content
}
