import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open } from 'node:fs/promises'
import { z } from 'zod'
import { TerminalError } from '../../../errors.ts'
import { withUtf8Mark } from '../../../lib/encoding/encoding.ts'
import { attached, fileRef } from '../../files/attached.ts'
import { type RealRoots, resolveToRead } from '../../roots.ts'
import { defineTool, type ToolContext } from '../../tool.ts'
import { decodeFile, encodingInput } from './file-text.ts'
import { checkFileSize, pathInput, throwIfCancelled, withPathErrors } from './path.ts'

export const entryType = z.enum(['file', 'directory', 'link', 'other'])

/**
 * `filesystem:read`: returns a whole file as text, at most 16 MiB. `encoding` in the result: another one than UTF-8.
 * In a run, a picture, a recording, a film or a PDF comes as an `attachment` without text: a model sees it.
 */
export const readFileTool = defineTool({
  name: 'filesystem:read',
  description: 'Reads a file as text, and shows a picture, a recording or a PDF',
  input: z.object({ path: pathInput, encoding: encodingInput }),
  output: z.object({
    action: z.literal('read'),
    path: z.string(),
    content: z.string(),
    size: z.int(),
    encoding: z.string().exactOptional(),
    attachment: fileRef.exactOptional(),
  }),
  paths: ['path'],
  effect: 'pure',
  execute: ({ path, encoding }, context) =>
    withPathErrors(path, async () => {
      const bytes = await readBytes(path, await resolveToRead(path, context), context.signal)
      const place = { action: 'read' as const, path }
      const size = bytes.length
      if (encoding === 'base64') return { ...place, content: bytes.toString('base64'), size }
      if (encoding === undefined && context.files && (await isMedia(bytes)))
        return { ...place, content: '', size, ...(await attached(path, bytes, context)) }
      const read = decodeFile(bytes, encoding, path, context)
      const isOther = read.encoding !== 'utf-8'
      return { ...place, content: withUtf8Mark(read), size, ...(isOther && { encoding: read.encoding }) }
    }),
})

/** Whether a file is shown rather than read as text. The library that tells is loaded for bytes that no text has. */
async function isMedia(bytes: Buffer): Promise<boolean> {
  const head = bytes.subarray(0, 4096)
  if (!head.includes(0) && head.toString('latin1', 0, 5) !== '%PDF-') return false
  const { mediaTypeOfBytes } = await import('../../../lib/media/media-type.ts')
  return /^(?:image|audio|video)\/|^application\/pdf$/.test((await mediaTypeOfBytes(head)) ?? '')
}

/** The text of a file in the roots, for tools that take a path. */
export async function readTextFile(path: string, context: ToolContext, encoding?: string): Promise<string> {
  return withUtf8Mark(decodeFile(await readFileBytes(path, context), encoding, path, context))
}

/** The bytes of a file in the roots, at most 16 MiB. `roots`: the context's, for a call that reads many files. */
export function readFileBytes(path: string, context: ToolContext, roots?: RealRoots): Promise<Buffer> {
  return withPathErrors(path, async () => readBytes(path, await resolveToRead(path, context, roots), context.signal))
}

/** `filesystem:exists`: whether an entry exists, and its type. */
export const existsTool = defineTool({
  name: 'filesystem:exists',
  description: 'Checks whether a file or folder exists',
  input: z.object({ path: pathInput }),
  output: z.object({
    action: z.literal('exists'),
    path: z.string(),
    exists: z.boolean(),
    type: entryType.exactOptional(),
  }),
  paths: ['path'],
  effect: 'pure',
  execute: ({ path }, context) =>
    withPathErrors(path, async () => {
      const found = await findEntry(await resolveToRead(path, context))
      return {
        action: 'exists' as const,
        path,
        exists: found !== undefined,
        ...(found && { type: entryTypeOf(found) }),
      }
    }),
})

export function entryTypeOf(
  entry: Pick<Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink'>,
): z.infer<typeof entryType> {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'directory'
  return entry.isSymbolicLink() ? 'link' : 'other'
}

/** The entry itself, without following links. Undefined if it does not exist. */
export async function findEntry(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

/** Throws unless the entry is a plain file: reading a pipe or a device may never end. */
export function checkPlainFile(entry: Stats, path: string): void {
  if (entry.isDirectory()) throw new TerminalError(`Path is a directory: ${path}`, { code: 'tool_failed' })
  if (!entry.isFile()) throw new TerminalError(`Path is not a plain file: ${path}`, { code: 'tool_failed' })
}

async function readBytes(path: string, real: string, signal: AbortSignal): Promise<Buffer> {
  // do not block on a pipe without a writer, and do not follow a link created after the path was resolved
  const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const found = await handle.stat()
    checkPlainFile(found, path)
    checkFileSize(found.size, path)
    return await readBounded(handle, path, signal)
  } finally {
    await handle.close()
  }
}

const CHUNK_BYTES = 256 * 1024

// stops at the limit, because a file may grow while it is read
async function readBounded(handle: FileHandle, path: string, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = []
  for (let length = 0; ; ) {
    throwIfCancelled(signal)
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(CHUNK_BYTES))
    if (bytesRead === 0) return Buffer.concat(chunks)
    chunks.push(buffer.subarray(0, bytesRead))
    checkFileSize((length += bytesRead), path)
  }
}
