import { createHash, randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { during } from '../files/storage-fault.ts'

/** Bytes that are on the disk, and not in the store yet. */
export type BlobDraft = { readonly hash: string; readonly bytes: number; readonly path: string }

/** The bytes from `start` (absent: the first) up to `end` (exclusive; absent: all). */
export type ByteRange = { readonly start?: number; readonly end?: number }

/** Writes bytes to a file of their own, and hashes them on the way. Durable, except for its name. */
export async function writeDraft(content: AsyncIterable<Uint8Array>, folder: string, mode: number): Promise<BlobDraft> {
  const path = join(folder, randomUUID())
  const hash = createHash('sha256')
  let bytes = 0
  const handle = await during(FAILED, () => open(path, 'wx', mode))
  try {
    for await (const piece of content) {
      await during(FAILED, () => handle.writeFile(piece))
      hash.update(piece)
      bytes += piece.length
    }
    await during(FAILED, () => handle.sync())
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await handle.close()
  }
  return { hash: hash.digest('hex'), bytes, path }
}

const FAILED = 'cannot store bytes'

/** Removes a draft. One that became a blob is gone, and the blob stays. */
export const dropDraft = ({ path }: BlobDraft): Promise<void> => rm(path, { force: true })

/** Bytes that are read at a time. */
const PIECE = 256 * 1024

/** The bytes of a file in a range. The file is open only while it is read. */
export async function* readFileIn(path: string, { start = 0, end }: ByteRange = {}): AsyncGenerator<Uint8Array> {
  const handle = await open(path, 'r')
  try {
    const until = end ?? (await handle.stat()).size
    for (let at = start; at < until; ) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(Math.min(PIECE, until - at)), { position: at })
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
      at += bytesRead
    }
  } finally {
    await handle.close()
  }
}

/** The SHA-256 of bytes, in hex. */
export async function hashOfBytes(content: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of content) hash.update(piece)
  return hash.digest('hex')
}
