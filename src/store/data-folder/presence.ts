import { statSync } from 'node:fs'
import { join } from 'node:path'
import { BusyError } from '../../errors.ts'

/** ms between two checks: a missing folder is noticed within a second. */
const CHECK_INTERVAL_MS = 300

/** Files that exist as long as a process uses the folder. */
const LASTING = ['owner.db', 'engine.db'] as const

/**
 * Calls `gone` once, with an error of code `degraded`, if the data folder is deleted, moved or
 * replaced: later writes would be lost. Returns a function that ends the watch.
 */
export function watchPresence(folder: string, gone: (error: BusyError) => void): () => void {
  const before = identitiesIn(folder)
  const timer = setInterval(() => {
    if (identitiesIn(folder) === before) return
    clearInterval(timer)
    gone(new BusyError(`${folder} was deleted, moved or replaced under this process.`, { code: 'degraded' }))
  }, CHECK_INTERVAL_MS)
  timer.unref()
  return () => clearInterval(timer)
}

function identitiesIn(folder: string): string {
  const found = LASTING.map((name) => statSync(join(folder, name), { bigint: true, throwIfNoEntry: false }))
  return found.map((stats) => (stats ? `${stats.dev}:${stats.ino}` : '-')).join(' ')
}
