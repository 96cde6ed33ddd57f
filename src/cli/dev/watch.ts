import { type FSWatcher, statSync, watch } from 'node:fs'
import { dirname, join } from 'node:path'

/** A state of a file. Another one means that the file was changed. */
export function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  return found ? `${found.mtimeMs} ${found.size}` : 'missing'
}

/** ms without a change after which edits are told: an editor writes several files, or one in several steps */
const QUIET_MS = 50

/** Watches files by their folders, since editors replace files. `onEdit` gets those that have changed. */
export function watchFiles(onEdit: (paths: readonly string[]) => void) {
  const stamps = new Map<string, string>()
  const watchers = new Map<string, FSWatcher>()
  const touched = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  function touch(path: string): void {
    if (!stamps.has(path)) return
    touched.add(path)
    clearTimeout(timer)
    timer = setTimeout(look, QUIET_MS)
  }

  function look(): void {
    const edited = [...touched].filter((path) => stampOf(path) !== stamps.get(path))
    touched.clear()
    for (const path of edited) stamps.set(path, stampOf(path))
    if (edited.length > 0) onEdit(edited)
  }

  return {
    /** `stamp`: the state of the file when it was loaded. It may have changed since. */
    add(path: string, stamp = stampOf(path)): void {
      const folder = dirname(path)
      if (!watchers.has(folder) && stampOf(folder) !== 'missing')
        watchers.set(
          folder,
          watch(folder, (_, name) => name !== null && touch(join(folder, name))).on('error', () => {}),
        )
      stamps.set(path, stamp)
      touch(path)
    },
    close(): void {
      clearTimeout(timer)
      for (const watcher of watchers.values()) watcher.close()
    },
  }
}
