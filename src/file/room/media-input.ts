import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { is, TerminalError } from '../../errors.ts'
import { readHead } from '../../lib/encoding/plain-file.ts'
import { type FileRef, isFileId, isFileRef } from '../../lib/media/file-ref.ts'
import { typeOfFile } from '../../lib/media/media-type.ts'
import type { MediaPrograms } from '../../source/media/programs.ts'
import type { MediaFile } from '../../source/media/reading.ts'
import { withPathErrors } from '../../tool/builtin/filesystem/path.ts'
import { writeTool } from '../../tool/builtin/filesystem/write.ts'
import { resolveToRead } from '../../tool/roots.ts'
import type { ToolContext } from '../../tool/tool.ts'
import type { MediaToolFiles } from './for-tools.ts'

/** A recording or a film as a tool works with it. */
export type OpenedInput = {
  readonly file: MediaFile
  readonly programs: MediaPrograms
  readonly files: MediaToolFiles
}

/** Works with the file that a parameter names: a path in the roots, a reference, or the id of a file. */
export async function withMedia<T>(
  given: unknown,
  kind: 'audio' | 'video',
  context: ToolContext,
  work: (opened: OpenedInput) => Promise<T>,
): Promise<T> {
  const files = filesOf(context)
  const id = isFileRef(given) ? given.file : isFileId(given) ? given : undefined
  const { file, close } = id === undefined ? await atPath(given, kind, context) : await stored(id, files)
  try {
    // the sound of a film is a recording
    if (!(kind === 'audio' ? /^(?:audio|video)\// : /^video\//).test(file.type))
      throw new TerminalError(`parameters.${kind}: expected ${NOUNS[kind]}, got ${file.name}, which is ${file.type}.`, {
        code: 'bad_value',
      })
    return await work({ file, programs: await files.programs(), files })
  } catch (error) {
    // readers say words that follow the name of the file
    if (!is(error, 'TerminalError') || /^[A-Z]|^parameters/.test(error.message)) throw error
    throw new TerminalError(`${file.name}: ${error.message}`, { code: error.code, cause: error })
  } finally {
    await close()
  }
}

const NOUNS = { audio: 'a recording or a film', video: 'a film' } as const

function filesOf({ rooms }: ToolContext): MediaToolFiles {
  const files = rooms?.files as MediaToolFiles | undefined
  if (files) return files
  throw new TerminalError('Recordings and films are read only in steps of a run, because files have owners.', {
    code: 'only_in_runs',
  })
}

type Input = { readonly file: MediaFile; close(): Promise<void> }

async function stored(id: string, files: MediaToolFiles): Promise<Input> {
  const { name, type, bytes }: FileRef = await files.find(id)
  const { path, close } = await files.onDisk(id)
  return { file: { path, name, type, bytes }, close }
}

async function atPath(given: unknown, kind: string, context: ToolContext): Promise<Input> {
  if (typeof given !== 'string' || given === '' || given.includes('\0'))
    throw new TerminalError(`parameters.${kind}: expected a path or a file.`, { code: 'bad_value' })
  const path = await withPathErrors(given, () => resolveToRead(given, context))
  const head = await withPathErrors(given, () => readHead(path, HEAD))
  const { size: bytes } = await stat(path)
  const name = basename(given)
  const { type, said } = await typeOfFile(name, head)
  if (said !== undefined)
    throw new TerminalError(`${name} has the content of ${type}, but its name says ${said}.`, { code: 'bad_value' })
  return { file: { path, name, type, bytes }, close: async () => {} }
}

/** Bytes that tell the type of a file. */
const HEAD = 64 * 1024

/** Stores what a tool made for the owner, and writes it to a path if the call names one. */
export async function saved(
  bytes: Uint8Array,
  { name, path }: { readonly name: string; readonly path: string | undefined },
  files: MediaToolFiles,
  context: ToolContext,
): Promise<{ readonly attachment: FileRef; readonly path?: string }> {
  const attachment = await files.add(bytes, { name })
  if (path === undefined) return { attachment }
  const content = Buffer.from(bytes).toString('base64')
  await writeTool.execute(
    { path, content, mode: 'write', encoding: 'base64', create_directories: true },
    context as never,
  )
  return { attachment, path }
}
