import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'libsql'
import { BusyError } from '../../errors.ts'
import { createPrivateFile } from './private.ts'

/** ms that somebody else is waited for. */
const LOCK_TIMEOUT_MS = 10_000

/** Does the work while nobody else, in this process or another, does theirs under the same path; the system frees it when its holder dies. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = await takeLock(path)
  try {
    return await work()
  } finally {
    lock.exec('ROLLBACK')
    lock.close()
  }
}

// a transaction that writes nothing: the file stays empty, and SQLite locks it
async function takeLock(path: string): Promise<Database.Database> {
  for (const deadline = performance.now() + LOCK_TIMEOUT_MS; ; await sleep(5 + Math.random() * 20)) {
    createPrivateFile(path)
    const database = new Database(path, { timeout: 0 })
    try {
      database.exec('BEGIN EXCLUSIVE')
      return database
    } catch (error) {
      database.close()
      if ((error as { code?: unknown }).code !== 'SQLITE_BUSY') throw error
    }
    if (performance.now() > deadline) throw new BusyError(`${path} is held by another process for too long`)
  }
}
