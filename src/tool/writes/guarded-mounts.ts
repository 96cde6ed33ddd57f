import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { TerminalError } from '../../errors.ts'
import type { Mount } from '../../sandbox/sandbox.ts'
import { isLoadedName } from './loaded-names.ts'

const MAX_ENTRIES = 100_000

/** The entries with names of files that are loaded or run, in folders that a command may change. */
export type GuardedEntries = ReadonlyMap<string, number>

/** Finds them, by path with their inodes. TerminalError when the folders are too large to look through. */
export async function findGuarded(mounts: readonly Mount[]): Promise<GuardedEntries> {
  const found = new Map<string, number>()
  let left = MAX_ENTRIES
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      if (left-- === 0)
        throw new TerminalError(`a sandbox may not write in a folder with more than ${MAX_ENTRIES} entries`, {
          code: 'too_large',
        })
      const path = join(folder, entry.name)
      if (isLoadedName(entry.name)) found.set(path, (await lstat(path).catch(() => undefined))?.ino ?? 0)
      else if (entry.isDirectory()) await walk(path)
    }
  }
  for (const { path, write } of mounts) if (write === true) await walk(path)
  return found
}

/** Removes such entries that a command made, and refuses the call. */
export async function removeNewGuarded(mounts: readonly Mount[], before: GuardedEntries): Promise<void> {
  const old = new Set(before.values())
  const made = [...(await findGuarded(mounts))].filter(([path, inode]) => !before.has(path) && !old.has(inode))
  for (const [path] of made) await rm(path, { recursive: true, force: true })
  if (made.length === 0) return
  throw new TerminalError(`the command made ${made[0]![0]}, which is loaded or run by its name; it was removed`, {
    code: 'outside_root',
    hint: 'only a person can make such files: docs/tool-calls.md lists them',
  })
}
