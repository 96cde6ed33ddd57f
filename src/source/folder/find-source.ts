import { open as openFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { InvalidError, problemOf } from '../../errors.ts'
import { present } from '../../lib/json/present.ts'
import type { Modality } from '../../lib/media/modality.ts'
import { pathOnDisk } from '../../lib/nearest-file.ts'
import { isCodeName } from '../../model/text/passages.ts'
import { codeByContent } from '../code/by-content.ts'
import { detectedModality } from '../detect.ts'
import { splitGlob } from './glob.ts'
import { leftOutNote } from './left-out.ts'
import { listFolder } from './list-folder.ts'
import type { FolderWalk, WalkOptions } from './walk.ts'

/** A file to read, or a folder whose files are looked for when it is read. */
type FoundSource =
  | { readonly kind: 'file'; readonly ref: string; readonly modality?: Modality }
  | { readonly kind: 'folder'; readonly ref: string; readonly pattern?: string; readonly modality?: 'code' }

type FindOptions = Pick<WalkOptions, 'mayRead'> & {
  /** The path to read instead, such as the real one; it fails for a path that may not be read. */
  open?(path: string): Promise<string> | string
}

/** So many files tell whether a folder has any, and whether most are code. */
const SAMPLE = { files: 200, entries: 20_000 }
/** So much of a file tells whether it is code. */
const HEAD_BYTES = 20_000

/**
 * Finds what an absolute path names: a file, a folder, or by a pattern some files of a folder. A file need not exist.
 * @throws InvalidError if there is no file in the folder, or none that the pattern matches
 */
export async function findSource(
  path: string,
  { open = (one) => one, mayRead }: FindOptions = {},
): Promise<FoundSource> {
  const glob = splitGlob(path)
  const opened = await open(pathOnDisk(glob?.folder ?? path))
  const literal = glob && (await isThere(join(opened, glob.pattern))) ? await open(path) : undefined
  const ref = literal ?? opened
  const pattern = literal === undefined ? glob?.pattern : undefined
  const isFolder = (await stat(ref).catch(() => undefined))?.isDirectory() === true
  if (!isFolder && pattern !== undefined)
    throw new InvalidError(`There is no folder ${ref}.`, { hint: `It is part of ${path}.` })
  if (!isFolder) {
    const modality = (await detectedModality(ref)) ?? ((await isCodeInside(ref)) ? 'code' : undefined)
    return { kind: 'file', ref, ...present({ modality }) }
  }
  const found = await listFolder(ref, { bounds: SAMPLE, pattern, ...(mayRead && { mayRead }) }).catch((error) => {
    throw new InvalidError(`The folder ${ref} cannot be read: ${problemOf(error).message}.`, { cause: error })
  })
  if (found.files.length === 0 && found.bounds.length === 0) throw nothingIn(path, pattern, found)
  const code = found.files.filter(({ name }) => isCodeName(name)).length
  return {
    kind: 'folder',
    ref,
    ...(pattern !== undefined && { pattern }),
    ...(code * 2 > found.files.length && { modality: 'code' }),
  }
}

/** Whether a file is code by its content. A file that cannot be read says so when it is read. */
async function isCodeInside(path: string): Promise<boolean> {
  if (extname(path) !== '' && !/\.te?xt$/i.test(path)) return false
  if ((await stat(path).catch(() => undefined))?.isFile() !== true) return false
  const file = await openFile(path).catch(() => undefined)
  if (file === undefined) return false
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return codeByContent(path, buffer.toString('utf8', 0, bytesRead)) !== undefined
  } finally {
    await file.close()
  }
}

const isThere = async (path: string) => (await stat(path).catch(() => undefined)) !== undefined

function nothingIn(path: string, pattern: string | undefined, walk: FolderWalk): InvalidError {
  const advice =
    pattern === undefined
      ? 'Give a folder with texts or code.'
      : 'Put the pattern into quotes; ** stands for any folders.'
  return new InvalidError(
    pattern === undefined ? `The folder ${path} has no file to read.` : `No file matches ${path}.`,
    {
      hint: [advice, ...leftOutNote(walk, true).map((note) => `${note[0]!.toUpperCase()}${note.slice(1)}.`)].join(' '),
    },
  )
}
