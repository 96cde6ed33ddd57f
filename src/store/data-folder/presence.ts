import { statSync } from 'node:fs'
import { join } from 'node:path'
import { BusyError } from '../../errors.ts'

/** ms between two looks: a folder that is gone is noticed within a second. */
const CHECK_INTERVAL_MS = 300

/** Files of a data folder that stay the same as long as a process works in it. */
const LASTING = ['owner.db', 'engine.db'] as const

/**
 * Calls `gone` once with an error of code `degraded` when the data folder was deleted, moved or replaced: what is written from then on goes to
 * files that nobody will find. Returns what ends the watch.
 */
export function watchPresence(folder: string, gone: (error: BusyError) => void): () => void {
  const before = identitiesIn(folder)
  const timer = setInterval(() => {
    if (identitiesIn(folder) === before) return
    clearInterval(timer)
    gone(new BusyError(`${folder} was deleted, moved or replaced under this process`, { code: 'degraded' }))
  }, CHECK_INTERVAL_MS)
  timer.unref()
  return () => clearInterval(timer)
}

function identitiesIn(folder: string): string {
  const found = LASTING.map((name) => statSync(join(folder, name), { bigint: true, throwIfNoEntry: false }))
  return found.map((stats) => (stats ? `${stats.dev}:${stats.ino}` : '-')).join(' ')
}
