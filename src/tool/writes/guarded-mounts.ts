import { lstat, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { TerminalError } from '../../errors.ts'
import type { Mount } from '../../sandbox/sandbox.ts'
import { isFixed } from './guard.ts'
import { isLoadedName } from './loaded-names.ts'

const MAX_ENTRIES = 100_000

/** The entries that are loaded or run, in folders that a command may change, by path. */
export type GuardedEntries = ReadonlyMap<string, GuardedEntry>

/** Their inodes, and those of their folders. `isNamed`: it is loaded by its name. */
type GuardedEntry = { readonly inode: number; readonly folder: number; readonly isNamed: boolean }

/** Finds these entries; `fixed` is that of WriteGuard. TerminalError when the folders are too large to look through. */
export async function findGuarded(mounts: readonly Mount[], fixed: readonly string[]): Promise<GuardedEntries> {
  const found = new Map<string, GuardedEntry>()
  let left = MAX_ENTRIES
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      if (left-- === 0)
        throw new TerminalError(`A sandbox may not write in a folder with more than ${MAX_ENTRIES} entries.`, {
          code: 'too_large',
        })
      const path = join(folder, entry.name)
      const isNamed = isLoadedName(entry.name)
      if (isNamed || isFixedPath(path, fixed))
        found.set(path, { inode: await inodeOf(path), folder: await inodeOf(dirname(path)), isNamed })
      else if (entry.isDirectory()) await walk(path)
    }
  }
  for (const { path, write } of mounts) if (write === true) await walk(path)
  return found
}

const inodeOf = async (path: string) => (await lstat(path).catch(() => undefined))?.ino ?? 0
const isFixedPath = (path: string, fixed: readonly string[]) => fixed.some((one) => isFixed(one, path))

/** The mounts, read-only if their whole folder is loaded or run. */
export const withoutFixed = (mounts: readonly Mount[], fixed: readonly string[]): readonly Mount[] =>
  mounts.map((mount) => (mount.write === true && isFixedPath(mount.path, fixed) ? { path: mount.path } : mount))

/**
 * Removes such entries that a command made, and refuses the call. A command cannot replace an old entry, but it can
 * move the folder of the entry and make both again.
 */
export async function removeNewGuarded(
  mounts: readonly Mount[],
  before: GuardedEntries,
  fixed: readonly string[],
): Promise<void> {
  const old = new Set([...before.values()].map(({ inode }) => inode))
  const isOld = (path: string, { inode, folder }: GuardedEntry) => old.has(inode) || before.get(path)?.folder === folder
  const made = [...(await findGuarded(mounts, fixed))].filter(([path, entry]) => !isOld(path, entry))
  for (const [path] of made) await rm(path, { recursive: true, force: true })
  if (made.length === 0) return
  throw new TerminalError(`The command made ${made[0]![0]}, which is loaded or run; it was removed.`, {
    code: 'outside_root',
    hint: 'Only a person can make such files: docs/tool-calls.md lists them.',
  })
}
