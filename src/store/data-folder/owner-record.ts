import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Who owns a data folder; `epoch` is one higher than any earlier owner's, `startedAt` is ms since the epoch. */
export type OwnerRecord = {
  readonly pid: number
  readonly startedAt: number
  readonly command: string
  readonly epoch: number
  /** the Unix socket it answers on; null: it answers nobody */
  readonly socket: string | null
  /** where it answers on the network; absent: nowhere */
  readonly url?: string
  /** device and inode of the lock file: a copy of the folder has others, and its record names the owner of the original */
  readonly identity: string
}

/** The file whose lock makes a process the owner. */
export const lockPath = (folder: string) => join(folder, 'owner.db')

/** Device and inode of the lock file of a folder; undefined where there is none. */
export function identityOf(folder: string): string | undefined {
  const found = statSync(lockPath(folder), { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}

/** The owner's record, if there is one of this folder and that process lives; takes no lock, so it may be another of the same number. */
export function readOwner(folder: string): OwnerRecord | undefined {
  const record = readRecord(folder)
  return record && isAlive(record.pid) ? record : undefined
}

/** The record in a folder, of a dead owner too; undefined when it is missing, unreadable or that of another folder. */
export function readRecord(folder: string): OwnerRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(recordPath(folder), 'utf8')) as OwnerRecord
    return record.identity === identityOf(folder) ? record : undefined
  } catch {
    return undefined
  }
}

const recordPath = (folder: string) => join(folder, 'owner.json')

/** Puts the record in place at once. */
export function writeRecord(folder: string, record: OwnerRecord): void {
  const draft = `${recordPath(folder)}.${process.pid}`
  try {
    writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 })
    renameSync(draft, recordPath(folder))
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

/** Removes the record. */
export function removeRecord(folder: string): void {
  rmSync(recordPath(folder), { force: true })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM'
  }
}
