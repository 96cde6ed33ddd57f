import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import Libsql from 'libsql'

/**
 * The result of `PRAGMA integrity_check` on a closed database file: `ok`, also for a missing file,
 * or the damage.
 */
export function checkIntegrity(path: string): string {
  if (!existsSync(path)) return 'ok'
  // opening the file also recovers it, and the next process must find the file as the killed one left it
  const folder = mkdtempSync(`${path}-copy-`)
  try {
    for (const name of readdirSync(dirname(path)).filter((name) => isOf(path, name)))
      cpSync(join(dirname(path), name), join(folder, name))
    return check(join(folder, basename(path)))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const isOf = (path: string, name: string) =>
  ['', '-wal', '-shm'].some((suffix) => name === `${basename(path)}${suffix}`)

function check(path: string): string {
  const database = new Libsql(path)
  try {
    const rows = database.prepare('pragma integrity_check').all([]) as { integrity_check: string }[]
    return rows.map(({ integrity_check }) => integrity_check).join('\n')
  } catch (error) {
    // too broken to be checked
    return (error as Error).message
  } finally {
    database.close()
  }
}
