import { z } from 'zod'
import { CancelledError, InvalidError, is, RetryableError, TerminalError } from '../../../errors.ts'
import type { Tool } from '../../tool.ts'
import { missingFile } from './missing-file.ts'

/** A path relative to the root of the context, or absolute. */
export const pathInput = z
  .string()
  .min(1, 'expected a path, got an empty text')
  .max(4096)
  .refine((path) => !path.includes('\0'), 'expected a path without NUL characters')

const isFilePath = (path: string) => !path.endsWith('/')
const FOLDER_PATH_ERROR = 'expected a file path, got a path that ends with `/`'

export const filePathInput = pathInput.refine(isFilePath, FOLDER_PATH_ERROR)

export function checkFilePath(path: string): void {
  if (!isFilePath(path)) throw new InvalidError(`${path}: ${FOLDER_PATH_ERROR}`)
}

/** For `Tool.changes`: the paths at these parameters. `fallback`: the path if none is given. */
export function pathsAt(names: readonly string[], fallback?: string): NonNullable<Tool['changes']> {
  return (parameters) => {
    const given = (typeof parameters === 'object' && parameters !== null ? parameters : {}) as {
      readonly [name: string]: unknown
    }
    const paths = names.flatMap((name) => given[name] ?? []).filter((path) => typeof path === 'string')
    return paths.length === 0 && fallback !== undefined ? [fallback] : paths
  }
}

/** Limit of one read or write. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024

/** Runs `operate`. System errors become errors that show `path` as written. */
export async function withPathErrors<T>(path: string, operate: () => Promise<T>): Promise<T> {
  try {
    return await operate()
  } catch (error) {
    throw is(error) ? error : fileError(error as NodeJS.ErrnoException, path)
  }
}

export function checkFileSize(bytes: number, path: string): void {
  if (bytes <= MAX_FILE_BYTES) return
  const limit = `${MAX_FILE_BYTES / 1024 / 1024} MiB`
  throw new TerminalError(`File is larger than ${limit}: ${path}`, { code: 'too_large' })
}

/** Throws a CancelledError if the call was cancelled. Call it only between two complete changes. */
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
  // a cause would name the place of the root on this machine
  if (code === 'ENOENT') return missingFile(path)
  if (error.name === 'AbortError') return new CancelledError(undefined, { cause: error })
  const text = ERROR_TEXTS[code]
  if (text !== undefined) return new TerminalError(`${text}: ${path}`, { code: 'tool_failed' })
  const message = `${error.message}: ${path}`
  if (RETRYABLE_CODES.includes(code)) return new RetryableError(message, { code: 'tool_failed', cause: error })
  return new TerminalError(message, { code: 'tool_failed', cause: error })
}
