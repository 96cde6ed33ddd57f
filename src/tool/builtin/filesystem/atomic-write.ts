import { createHash, randomUUID } from 'node:crypto'
import { chmod, type FileHandle, mkdir, open, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findEntry } from './read.ts'

type WriteDraft = (draft: string) => Promise<void>

/** Replaces a file atomically and durably with the output of `fill`. No reader sees a part of it. */
export async function replaceFile(path: string, key: string, fill: WriteDraft): Promise<void> {
  const draft = draftPath(path, key)
  // left by an earlier attempt that was killed
  await rm(draft, { force: true })
  try {
    await replaceBy(draft, path, fill)
  } catch (error) {
    if (!isTaken(error, draft)) throw error
    await replaceBy(draftPath(path, randomUUID()), path, fill)
  }
  await syncFolder(dirname(path))
}

async function replaceBy(draft: string, path: string, fill: WriteDraft): Promise<void> {
  try {
    await fill(draft)
    await useFile(draft, 'r', (handle) => handle.sync())
    await rename(draft, path)
  } catch (error) {
    if (!isTaken(error, draft)) await rm(draft, { force: true })
    throw error
  }
}

/** Writes a draft and sets its mode explicitly, because the umask would restrict the mode given at creation. */
export async function writeDraft(draft: string, bytes: Uint8Array, mode?: number): Promise<void> {
  await writeFile(draft, bytes, { flag: 'wx', ...(mode !== undefined && { mode }) })
  if (mode !== undefined) await chmod(draft, mode & 0o7777)
}

/** The same call still runs elsewhere, for example in a node that lost its server, and writes the same draft. */
function isTaken(error: unknown, draft: string): boolean {
  const { code, path } = error as NodeJS.ErrnoException
  return (code === 'ENOENT' || code === 'EEXIST') && path === draft
}

export async function useFile<T>(
  path: string,
  flags: string | number,
  use: (handle: FileHandle) => Promise<T>,
): Promise<T> {
  const handle = await open(path, flags)
  try {
    return await use(handle)
  } finally {
    await handle.close()
  }
}

/** Makes creations, renames and removals in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  await useFile(folder, 'r', (handle) => handle.sync())
}

export async function makeParent(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
  } catch (error) {
    // a file blocks the folder: the system reports EEXIST, which would read as if the folder existed
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') Object.assign(error as object, { code: 'ENOTDIR' })
    throw error
  }
}

export async function countMissingFolders(path: string): Promise<number> {
  const folder = dirname(path)
  return (await findEntry(folder)) ? 0 : 1 + (await countMissingFolders(folder))
}

const NOT_EMPTY_CODES: readonly unknown[] = ['ENOTEMPTY', 'EEXIST']

/** Removes up to `count` empty parent folders, innermost first. Stops at a folder that is not empty. */
export async function removeEmptyFolders(path: string, count = 0): Promise<void> {
  if (count === 0) return
  const folder = dirname(path)
  try {
    await rmdir(folder)
    await syncFolder(dirname(folder))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (NOT_EMPTY_CODES.includes(code)) return
    if (code !== 'ENOENT') throw error
  }
  await removeEmptyFolders(folder, count - 1)
}

/** The draft path of a call. It is the same for every attempt, so that a retry cleans up after a killed one. */
export function draftPath(path: string, key: string): string {
  const name = createHash('sha256').update(`${key}\n${path}`).digest('hex').slice(0, 24)
  return join(dirname(path), `.antiphon-${name}.part`)
}
