import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'libsql'
import { BusyError } from '../../errors.ts'
import { createPrivateFile } from './private.ts'

const LOCK_TIMEOUT_MS = 10_000

/** Runs the work under an exclusive lock, across processes. The system releases the lock if its holder dies. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = await takeLock(path)
  try {
    return await work()
  } finally {
    lock.exec('ROLLBACK')
    lock.close()
  }
}

// an empty SQLite transaction: it locks the file without writing to it
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
    if (performance.now() > deadline) throw new BusyError(`Another process holds ${path} for too long.`)
  }
}
