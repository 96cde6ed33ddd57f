import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { InvalidError, TerminalError } from '../../errors.ts'
import { isTextType, mediaTypeOfBytes, mediaTypeOfName } from '../../model/request/media-types.ts'

/** Maximum size of one source file of a question. */
export const MAX_SOURCE_BYTES = 4 * 1024 * 1024

/**
 * Reads a text file. The error says why it fails but not which file; the caller adds the path.
 * @throws TerminalError if the file is missing, too large or not text
 */
export async function readText(path: string, signal: AbortSignal): Promise<string> {
  const file = await openFile(path)
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw unread(stats.isDirectory() ? 'it is a folder' : 'it is not a file')
    if (stats.size > MAX_SOURCE_BYTES)
      throw unread(`it is larger than ${MAX_SOURCE_BYTES / 1024 / 1024} MiB`, 'too_large')
    return textOf(await file.readFile({ signal }))
  } finally {
    await file.close()
  }
}

/** Opens without waiting for a writer, in case the file is a pipe. */
function openFile(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    throw unread(WHY[error.code ?? ''] ?? `it cannot be read (${error.code})`)
  })
}

const WHY: { readonly [code: string]: string } = {
  ENOENT: 'the file does not exist',
  ENOTDIR: 'the file does not exist',
  EACCES: 'this user has no permission to read it',
}

const unread = (why: string, code = 'invalid_input') => new TerminalError(why, { code })

/** Rejects files if no name looks like text: nothing of them could be read. */
export function checkTexts(paths: readonly string[]): void {
  const types = paths.map(mediaTypeOfName)
  if (paths.length === 0 || types.some((type) => type === undefined || isTextType(type))) return
  throw new InvalidError(`${basename(paths[0]!)} is ${types[0]}, but an ask needs text`, {
    code: 'not_supported',
    hint: `Pass it to a step of a pipeline: { action: generate_text, parameters: { prompt: …, files: ${basename(paths[0]!)} } }.`,
  })
}

function textOf(bytes: Buffer): string {
  const type = mediaTypeOfBytes(bytes)
  if (type === undefined && !bytes.includes(0)) return bytes.toString('utf8')
  throw unread(type === undefined ? 'it is not a text file' : `it is ${type}, but an ask needs text`)
}
