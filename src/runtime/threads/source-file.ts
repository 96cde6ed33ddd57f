import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { NotedText } from '../../chain/protocol/phase.ts'
import { InvalidError, TerminalError } from '../../errors.ts'
import { decodeText, encodingNote, isDecoded } from '../../lib/encoding/encoding.ts'
import { isTextType, mediaTypeOfBytes, mediaTypeOfName } from '../../model/request/media-types.ts'

/** Maximum size of one source file of a question. */
export const MAX_SOURCE_BYTES = 4 * 1024 * 1024

/**
 * Reads a text file in the encoding that it has. The error says why
 * it fails but not which file; the caller adds the path.
 * @throws TerminalError if the file is missing, too large or not text
 */
export async function readText(path: string, signal: AbortSignal): Promise<string | NotedText> {
  const file = await openFile(path)
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw unread(stats.isDirectory() ? 'it is a folder' : 'it is not a file')
    if (stats.size > MAX_SOURCE_BYTES)
      throw unread(`it is larger than ${MAX_SOURCE_BYTES / 1024 / 1024} MiB`, 'too_large')
    return textOf(await file.readFile({ signal }), basename(path))
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

/**
 * The text of a file in its encoding, or in the one that is named; with a note if it was detected and is not UTF-8.
 * @throws TerminalError if it is not a text, or has a byte that cannot be read
 */
export function textOf(bytes: Buffer, name: string, encoding?: string): string | NotedText {
  const type = mediaTypeOfBytes(bytes)
  if (type !== undefined) throw unread(`it is ${type}, but an ask needs text`)
  const read = decodeText(bytes, encoding)
  if (!isDecoded(read)) throw unread(read.line === undefined ? 'it is not a text file' : `it ${read.fault}`)
  if (read.text.includes('\0')) throw unread('it is not a text file')
  const note = encodingNote(name, read)
  return note === undefined ? read.text : { text: read.text, note }
}
