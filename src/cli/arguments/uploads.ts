import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { InvalidError, is, NotFoundError, TerminalError } from '../../errors.ts'
import type { FilesClient } from '../../file/room/client.ts'
import { measureContent, wrongName } from '../../file/room/content.ts'
import { openLocalFile } from '../../file/room/local-files.ts'
import type { StoredFile } from '../../file/room/port.ts'
import type { Client } from '../../http/client/client.ts'
import type { Json } from '../../kernel/json.ts'
import { type FileRef, fileIdOf, isFileId } from '../../lib/media/file-ref.ts'
import { typeOfFile } from '../../lib/media/media-type.ts'
import { formatSize } from '../../lib/text/format-size.ts'
import { showOnOneLine } from '../../lib/unseen.ts'
import type { OptionRecord } from '../cli.ts'
import { formatCount } from '../terminal/format.ts'
import { collectRepeated, existingFile } from './options.ts'

/** `--file`: sends files of this machine with a message. */
export const FILE_OPTION = [
  '--file <path>',
  'add this file, such as a picture or a PDF; can be repeated',
  { parse: collectRepeated },
] as const satisfies OptionRecord

type Files = { readonly files: Pick<FilesClient, 'add'> }
/** The name, the owner and the signal of a file that is added. */
export type UploadOptions = NonNullable<Parameters<FilesClient['add']>[1]>

/** Adds a file of this machine. The path may begin with `~`. */
export async function uploadFile(
  { files }: Files,
  path: string,
  folder: string,
  options: UploadOptions = {},
): Promise<StoredFile> {
  const found = fromHome(path)
  // a missing one is named with the nearest one
  const { content, name } = await openLocalFile(
    existsSync(resolve(folder, found)) ? resolve(folder, found) : existingFile(found, folder),
  )
  return files.add(content, { name, ...options }).catch((error: unknown) => {
    throw is(error) && error.code === 'file_too_large' ? tooLarge(name, error) : error
  })
}

/** A path that may begin with `~`, which only a shell knows. */
export const fromHome = (path: string) => path.replace(/^~(?=\/|$)/, homedir())

/** Adds files one after another, and gives their ids. */
export async function uploadFiles(client: Files, paths: readonly string[] = [], folder: string) {
  return Array.fromAsync(paths, async (path) => (await uploadFile(client, path, folder)).file)
}

const tooLarge = (name: string, { message }: Error) =>
  new TerminalError(`${showOnOneLine(name)} is too large: ${message.replace(/^E/, 'e')}`, {
    code: 'file_too_large',
    hint: 'Questions and tools read it where it lies: antiphon ask --file PATH, or `-i NAME=PATH` for an input of a pipeline. To store it, raise `files.max` in antiphon.yaml.',
  })

/** Adds the file behind each input `@PATH`, which becomes its reference. `@@` stands for an `@` at the beginning. */
export async function withUploads(
  client: Files,
  inputs: { readonly [name: string]: string } = {},
  folder: string,
): Promise<{ readonly [name: string]: Json }> {
  const read: { [name: string]: Json } = {}
  for (const [name, value] of Object.entries(inputs))
    read[name] = /^@[^@]/.test(value) ? await referenceOf(client, value, folder) : value.replace(/^@@/, '@')
  return read
}

async function referenceOf(client: Files, value: string, folder: string): Promise<Json> {
  try {
    const { file, type, name, bytes } = await uploadFile(client, value.slice(1), folder)
    return { file, type, name, bytes }
  } catch (error) {
    if (!is(error, 'InvalidError')) throw error
    const hint = `For a text that begins with @, write @${value}.`
    throw new InvalidError(error.message, { cause: error, hint: [error.hint, hint].filter(Boolean).join(' ') })
  }
}

export const fileLine = ({ name, type, bytes }: FileRef) => `${name} (${type}, ${formatSize(bytes)})`

/** Files that are not stored: `add` gives the reference that a file would have, and tells of it. */
export const unstoredFiles = (tell: (line: string) => void): Files => ({
  files: {
    async add(content, { name = '' } = {}) {
      const { pieces, head } = measureContent(content as AsyncIterable<Uint8Array>, Number.POSITIVE_INFINITY)
      const digest = createHash('sha256')
      let bytes = 0
      for await (const piece of pieces) {
        digest.update(piece)
        bytes += piece.length
      }
      const { type, said } = await typeOfFile(name, head())
      if (said !== undefined) throw wrongName(name, type, said)
      const reference = { file: fileIdOf(digest.digest('hex')), type, name, bytes }
      tell(`A run would store ${fileLine(reference)}.`)
      return { ...reference, at: Date.now(), uses: [] }
    },
  },
})

const MIN_DIGITS = 8
const MAX_SHOWN = 5

/** The id of a file as a person types it: whole, or its first digits where no other file begins so. */
export async function resolveFileId({ each }: Pick<Client, 'each'>, typed: string, of: { readonly owner?: string }) {
  const [, digits = ''] = /^(?:file_)?([0-9a-f]+)…?$/i.exec(typed) ?? []
  const start = fileIdOf(digits.toLowerCase())
  if (isFileId(start)) return start
  if (digits.length < MIN_DIGITS)
    throw new InvalidError(`Expected at least ${MIN_DIGITS} digits of the id of a file, got ${showOnOneLine(typed)}.`, {
      hint: LIST_HINT,
    })
  const found: string[] = []
  for await (const { file } of each('files', { limit: 1000, ...of })) if (file.startsWith(start)) found.push(file)
  const [file, ...others] = found
  if (others.length > 0)
    throw new InvalidError(
      `${formatCount(found.length, 'file')} begin with ${start}: ${found.slice(0, MAX_SHOWN).join(', ')}`,
      {
        code: 'ambiguous_id',
        hint: 'Type more of the id.',
      },
    )
  if (file === undefined)
    throw new NotFoundError(`There is no file ${start}.`, { code: 'file_not_found', hint: LIST_HINT })
  return file
}

const LIST_HINT = 'To see the ids of your files: antiphon files list'
