import { z } from 'zod'
import { CancelledError, InvalidError, is, NotFoundError, RetryableError, TerminalError } from '../../../errors.ts'

/** A path as an author writes it: relative to the context's root, or absolute. */
export const pathInput = z
  .string()
  .min(1, 'expected a path, got an empty text')
  .max(4096)
  .refine((path) => !path.includes('\0'), 'a path holds no NUL character')

const isFilePath = (path: string) => !path.endsWith('/')
const NO_FILE = 'a path with `/` at its end is a folder: put the name of a file behind it'

/** A path where a file is to be. */
export const filePathInput = pathInput.refine(isFilePath, NO_FILE)

/** Throws when a path is that of a folder by how it is written. */
export function checkFilePath(path: string): void {
  if (!isFilePath(path)) throw new InvalidError(`${path}: ${NO_FILE}`)
}

/** Bytes that one read or write may have. */
export const LARGEST_FILE = 16 * 1024 * 1024

/** Runs `operate`; what the system refuses is told in terms of `path`, as it was written. */
export async function naming<T>(path: string, operate: () => Promise<T>): Promise<T> {
  try {
    return await operate()
  } catch (error) {
    throw is(error) ? error : fileError(error as NodeJS.ErrnoException, path)
  }
}

/** Throws when more bytes than LARGEST_FILE are asked of `path`. */
export function checkLength(bytes: number, path: string): void {
  if (bytes <= LARGEST_FILE) return
  const limit = `${LARGEST_FILE / 1024 / 1024} MiB`
  throw new TerminalError(`File is larger than ${limit}: ${path}`, { code: 'too_large' })
}

/** Throws a CancelledError when the call was called off: between two changes, where nothing is left half done. */
export function stopIfCalledOff(signal: AbortSignal): void {
  if (signal.aborted) throw new CancelledError(undefined, { cause: signal.reason })
}

const SAYINGS: { readonly [code: string]: string | undefined } = {
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

const PASSING = ['EMFILE', 'ENFILE', 'EAGAIN', 'EBUSY', 'ETIMEDOUT']

function fileError(error: NodeJS.ErrnoException, path: string): Error {
  const code = error.code ?? ''
  if (code === 'ENOENT') return new NotFoundError(`File not found: ${path}`, { cause: error })
  if (error.name === 'AbortError') return new CancelledError(undefined, { cause: error })
  const message = SAYINGS[code] === undefined ? `${error.message}: ${path}` : `${SAYINGS[code]}: ${path}`
  if (PASSING.includes(code)) return new RetryableError(message, { code: 'tool_failed', cause: error })
  return new TerminalError(message, { code: 'tool_failed', cause: error })
}
