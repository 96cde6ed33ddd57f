import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { InvalidError } from '../../errors.ts'
import { fileBytes } from '../../lib/encoding/plain-file.ts'
import { type FileRef, toRef } from '../../lib/media/file-ref.ts'
import { showOnOneLine } from '../../lib/unseen.ts'
import { type FileSettings, fileLimits } from '../settings.ts'
import type { FileSource, FilesClient } from './client.ts'
import type { FilesPort } from './port.ts'

/** A file of this machine that is about to be added. */
type LocalFile = { readonly name: string; readonly bytes: number; readonly content: AsyncIterable<Uint8Array> }

/** Opens a file of this machine. `content` is read once. @throws InvalidError for a missing, empty or other path */
export async function openLocalFile(path: string): Promise<LocalFile> {
  const shown = showOnOneLine(path)
  const found = await stat(path).catch((cause) => {
    throw new InvalidError(`There is no file ${shown}.`, { cause })
  })
  if (found.isDirectory())
    throw new InvalidError(`Expected a file, got the folder ${shown}.`, { hint: 'Name its files one by one.' })
  // reading a pipe would wait for a writer
  if (!found.isFile()) throw new InvalidError(`Expected a file, got ${shown}.`)
  if (found.size === 0) throw new InvalidError(`Expected a file with content, but ${shown} is empty.`)
  return { name: basename(path), bytes: found.size, content: fileBytes(path) }
}

/** Stores a file of this machine for an owner, without an ending that lies; undefined if it is too large for that. */
export async function addLocalFile(
  files: Pick<FilesPort, 'add'>,
  path: string,
  owner: string,
  settings?: FileSettings,
): Promise<FileRef | undefined> {
  const { size = 0 } = (await stat(path).catch(() => undefined)) ?? {}
  if (size > fileLimits(settings).max) return undefined
  const { name, content } = await openLocalFile(path)
  return toRef(await files.add(content, { name, owner, onWrongName: 'shorten' }))
}

/** Files, each of its owner. `owner` names another one than the user of the data folder. */
export interface AppFiles extends Omit<FilesClient, 'add'> {
  /** Adds a file: its content, or the path of a file on this machine. Otherwise as `add` of a client. */
  add(content: FileSource | string, options?: Parameters<FilesClient['add']>[1]): ReturnType<FilesClient['add']>
}

/** The files of a client, which also takes paths of this machine. */
export const filesOfApp = (files: FilesClient): AppFiles => ({
  ...files,
  async add(given, options) {
    if (typeof given !== 'string') return files.add(given, options)
    const { name, content } = await openLocalFile(resolve(given))
    return files.add(content, { name, ...options })
  },
})
