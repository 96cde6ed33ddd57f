import { lstat, readdir } from 'node:fs/promises'
import type { LimitName } from '../sandbox.ts'

type ScratchUsage = { readonly disk: number; readonly files: number }

/**
 * The limit that the listed files of a folder exceed. A folder that cannot be listed counts as too many files. Two
 * kinds of files are not counted: removed files that are still open, and files that come and go between two counts.
 */
export async function exceededIn(folder: string, bound: ScratchUsage): Promise<LimitName | undefined> {
  let [disk, files] = [0, 0]
  const pending = [Buffer.from(folder)]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const entries = await readdir(next, { withFileTypes: true, encoding: 'buffer' }).catch(isGone)
    if (entries === undefined) return 'files'
    for (const entry of entries) {
      const path = Buffer.concat([next, Buffer.from('/'), entry.name])
      files += 1
      if (entry.isDirectory()) pending.push(path)
      else disk += await bytesOnDisk(path)
      if (files > bound.files) return 'files'
      if (disk > bound.disk) return 'disk'
    }
  }
  return undefined
}

/** No entries for a folder that is gone by now; undefined for a folder that cannot be listed. */
function isGone(error: NodeJS.ErrnoException): undefined | readonly [] {
  return error.code === 'ENOENT' || error.code === 'ENOTDIR' ? [] : undefined
}

async function bytesOnDisk(path: Buffer): Promise<number> {
  const { blocks = 0 } = await lstat(path).catch(() => ({ blocks: 0 }))
  return blocks * 512
}
