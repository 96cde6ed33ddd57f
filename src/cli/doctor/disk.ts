import { closeSync, existsSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'libsql'

const ROUNDS = 20

/** How long (ms, median of 20) the disk below a folder takes to make 4 KiB durable; the folder itself need not exist. */
export function measureFsync(folder: string): number {
  const path = join(nearestFolder(folder), `.antiphon-fsync-${process.pid}`)
  const file = openSync(path, 'wx', 0o600)
  try {
    const times = Array.from({ length: ROUNDS }, () => timeOne(file)).sort((a, b) => a - b)
    return times[ROUNDS / 2]!
  } finally {
    closeSync(file)
    rmSync(path, { force: true })
  }
}

function timeOne(file: number): number {
  const begun = performance.now()
  writeSync(file, new Uint8Array(4096))
  fsyncSync(file)
  return performance.now() - begun
}

function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder))
}

/** The version of SQLite inside libSQL. */
export function sqliteVersion(): string {
  const database = new Database(':memory:')
  try {
    return (database.prepare('SELECT sqlite_version() AS version').get() as { version: string }).version
  } finally {
    database.close()
  }
}
