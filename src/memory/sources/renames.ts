import type { Dirent } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { is } from '../../errors.ts'
import { hashOf, readFileBytes } from '../../source/source.ts'
import type { CountedSource } from '../store/documents/source-rows.ts'
import type { RenamedDocument } from '../store/documents/store-documents.ts'

/** `isTaken`: whether a path with the content is no new name; absent: each one may be. */
type RenameOptions = {
  readonly signal?: AbortSignal | undefined
  readonly isTaken?: (path: string) => Promise<boolean>
}

/** Maximum files that are looked at around a missing one: a search waits for it. */
const MAX_NEAR = 2_000

/**
 * The documents whose files are missing, and that lie under another name among these paths, by size and then by
 * content. A path that cannot be read is none of them.
 */
export async function findRenames(
  rows: readonly CountedSource[],
  paths: readonly string[],
  { signal, isTaken = async () => false }: RenameOptions = {},
): Promise<readonly RenamedDocument[]> {
  const left = new Set(
    rows.filter(({ type, size, hash }) => type === 'file' && size !== null && size > 0 && hash !== ''),
  )
  const renamed: RenamedDocument[] = []
  for (const path of paths) {
    if (left.size === 0) break
    signal?.throwIfAborted()
    const size = await sizeOf(path)
    const alike = [...left].filter((row) => row.size === size)
    if (alike.length === 0) continue
    const hash = await contentOf(path, signal)
    for (const row of alike) {
      if (row.hash !== hash || (await sizeOf(row.ref)) !== undefined || (await isTaken(path))) continue
      left.delete(row)
      renamed.push({ from: row.ref, to: path })
      break
    }
  }
  return renamed
}

/** The files around a missing one: in its folder, in the folders there, and in the folder above. */
export async function filesNear(ref: string): Promise<readonly string[]> {
  const folder = dirname(ref)
  const here = await entriesOf(folder)
  const below = here.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name)
  const paths = filesIn(folder, here)
  for (const next of [dirname(folder), ...below.map((name) => join(folder, name))]) {
    if (paths.length >= MAX_NEAR) break
    paths.push(...filesIn(next, await entriesOf(next)))
  }
  return paths.slice(0, MAX_NEAR)
}

const entriesOf = (folder: string): Promise<readonly Dirent[]> =>
  // a folder that is gone or closed has no file to offer
  readdir(folder, { withFileTypes: true }).catch(() => [])

const filesIn = (folder: string, entries: readonly Dirent[]) =>
  entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name))

/** Bytes of a file; undefined: there is none. */
const sizeOf = (path: string): Promise<number | undefined> =>
  lstat(path).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  )

async function contentOf(path: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  try {
    return hashOf(await readFileBytes(path, signal))
  } catch (error) {
    signal?.throwIfAborted()
    if (!is(error)) throw error
    return undefined
  }
}
