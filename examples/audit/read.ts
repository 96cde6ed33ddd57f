import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/** The text of a regular file, its first `most` bytes and no byte order mark; null when there is no such file. */
export async function readText(path: string, most: number, signal: AbortSignal): Promise<string | null> {
  signal.throwIfAborted()
  const handle = await openFile(path)
  if (handle === null) return null
  try {
    const { size } = await handle.stat()
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(size, most)))
    return buffer.toString('utf8', 0, bytesRead).replace(/^\uFEFF/, '')
  } finally {
    await handle.close()
  }
}

const ABSENT = ['ENOENT', 'ENOTDIR', 'ELOOP']

// No link is followed: it could lead out of the audited folder. Without O_NONBLOCK a named pipe would never open.
async function openFile(path: string): Promise<FileHandle | null> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    if ((await handle.stat()).isFile()) return handle
    await handle.close()
    return null
  } catch (error) {
    if (error instanceof Error && 'code' in error && ABSENT.includes(String(error.code))) return null
    throw error
  }
}
