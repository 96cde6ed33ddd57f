import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, type FileHandle, open, readdir, rename, rmdir, unlink } from 'node:fs/promises'

/** Folders open at once. Those further down are moved to the top first. */
const MAX_DEPTH = 64

/** The longest path that is used, in bytes; every system allows more. */
const MAX_PATH_BYTES = 700

/** An open folder, and its path. On Linux this goes through the open folder, so nobody can lead it elsewhere. */
type Folder = { readonly handle: FileHandle; readonly path: Buffer }

/**
 * Removes a folder with all that is in it, whatever foreign code left there: paths longer than the system takes,
 * folders that their mode closes, names that are not UTF-8. Follows no link. A missing folder is not an error.
 */
export async function removeTree(path: string): Promise<void> {
  const target = Buffer.from(path)
  try {
    await inFolder(target, async (root) => {
      while ((await namesIn(root)).length > 0) await empty(root, root, 0)
    })
    await rmdir(target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

async function empty(folder: Folder, root: Folder, depth: number): Promise<void> {
  const paths = (await namesIn(folder)).map((name) => below(folder, name))
  const removed = await Promise.all(paths.map(isRemovedFile))
  for (const path of paths.filter((_, index) => !removed[index])) {
    const isDeep = depth >= MAX_DEPTH || path.length >= MAX_PATH_BYTES + root.path.length
    // a folder moves only if it can be written to, and inFolder sees to that
    await inFolder(path, async (inner) => {
      if (isDeep) await rename(path, below(root, Buffer.from(`moved-${randomUUID()}`)))
      else await empty(inner, root, depth + 1)
    })
    if (!isDeep) await rmdir(path)
  }
}

const namesIn = ({ path }: Folder) => readdir(path, { encoding: 'buffer' })

const below = ({ path }: Folder, name: Buffer) => Buffer.concat([path, Buffer.from('/'), name])

/** False for a folder: on some systems, the error of a removed folder says only that it is not permitted. */
function isRemovedFile(path: Buffer): Promise<boolean> {
  return unlink(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EISDIR' || error.code === 'EPERM') return false
      throw error
    },
  )
}

async function inFolder(path: Buffer, use: (folder: Folder) => Promise<void>): Promise<void> {
  const handle = await openFolder(path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EACCES') throw error
    await chmod(path, 0o700)
    return openFolder(path)
  })
  try {
    await handle.chmod(0o700)
    await use({ handle, path: process.platform === 'linux' ? Buffer.from(`/proc/self/fd/${handle.fd}`) : path })
  } finally {
    await handle.close()
  }
}

const openFolder = (path: Buffer) => open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
