import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { unread } from '../extension/reader.ts'

/**
 * The bytes of a file. The error says why it is not read but not which file it is; the caller adds the path.
 * @throws TerminalError if it is missing, not a file, or larger than `most` bytes
 */
export async function readBytes(path: string, most: number, signal?: AbortSignal): Promise<Buffer> {
  // opens without waiting for a writer, in case the file is a pipe
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    throw unread(WHY[error.code ?? ''] ?? `it cannot be read (${error.code})`)
  })
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw unread(stats.isDirectory() ? 'it is a folder' : 'it is not a file')
    if (stats.size > most) throw tooLarge(most)
    const bytes = await file.readFile(signal && { signal })
    // it may have grown since
    if (bytes.length > most) throw tooLarge(most)
    return bytes
  } finally {
    await file.close()
  }
}

const WHY: { readonly [code: string]: string } = {
  ENOENT: 'the file does not exist',
  ENOTDIR: 'the file does not exist',
  EACCES: 'this user has no permission to read it',
}

/** The error of a file that is larger than `most` bytes. */
export const tooLarge = (most: number) => unread(`it is larger than ${most / 1024 / 1024} MiB`, 'too_large')
