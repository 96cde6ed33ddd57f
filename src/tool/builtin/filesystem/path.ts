import { z } from 'zod'
import { CancelledError, InvalidError, is, NotFoundError, RetryableError, TerminalError } from '../../../errors.ts'

/** A path as an author writes it: relative to the context's root, or absolute. */
export const pathInput = z
  .string()
  .min(1, 'expected a path, got an empty text')
  .max(4096)
  .refine((path) => !path.includes('\0'), 'a path holds no NUL character')

const isFilePath = (path: string) => !path.endsWith('/')
const FOLDER_PATH_ERROR = 'a path with `/` at its end is a folder: put the name of a file behind it'

/** A path where a file is to be. */
export const filePathInput = pathInput.refine(isFilePath, FOLDER_PATH_ERROR)

/** Throws when a path is that of a folder by how it is written. */
export function checkFilePath(path: string): void {
  if (!isFilePath(path)) throw new InvalidError(`${path}: ${FOLDER_PATH_ERROR}`)
}

/** Bytes that one read or write may have. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024

/** Runs `operate`; what the system refuses is told in terms of `path`, as it was written. */
export async function withPathErrors<T>(path: string, operate: () => Promise<T>): Promise<T> {
  try {
    return await operate()
  } catch (error) {
    throw is(error) ? error : fileError(error as NodeJS.ErrnoException, path)
  }
}

/** Throws when more bytes than MAX_FILE_BYTES are asked of `path`. */
export function checkFileSize(bytes: number, path: string): void {
  if (bytes <= MAX_FILE_BYTES) return
  const limit = `${MAX_FILE_BYTES / 1024 / 1024} MiB`
  throw new TerminalError(`File is larger than ${limit}: ${path}`, { code: 'too_large' })
}

/** Throws a CancelledError when the call was called off: between two changes, where nothing is left half done. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new CancelledError(undefined, { cause: signal.reason })
}

const ERROR_TEXTS: { readonly [code: string]: string | undefined } = {
  EISDIR: 'Path is a directory',
  ENOTDIR: 'Not a directory',
  EEXIST: 'File exists already',
  ENOTEMPTY: 'Directory is not empty (set recursive: true)',
  EACCES: 'Permission denied',
  EPERM: 'Permission denied',
  EROFS: 'File system is read-only',
  ENOSPC: 'No space left for',
  EDQUOT: 'No space left for',
  ELOOP: 'Path leads through a link',
  ENAMETOOLONG: 'Path is too long',
}

const RETRYABLE_CODES = ['EMFILE', 'ENFILE', 'EAGAIN', 'EBUSY', 'ETIMEDOUT']

function fileError(error: NodeJS.ErrnoException, path: string): Error {
  const code = error.code ?? ''
  if (code === 'ENOENT') return new NotFoundError(`File not found: ${path}`, { cause: error })
  if (error.name === 'AbortError') return new CancelledError(undefined, { cause: error })
  const message = ERROR_TEXTS[code] === undefined ? `${error.message}: ${path}` : `${ERROR_TEXTS[code]}: ${path}`
  if (RETRYABLE_CODES.includes(code)) return new RetryableError(message, { code: 'tool_failed', cause: error })
  return new TerminalError(message, { code: 'tool_failed', cause: error })
}
