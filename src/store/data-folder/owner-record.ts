import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The owner of a data folder. `epoch` increases with each owner; `startedAt` is in ms since the epoch. */
export type OwnerRecord = {
  readonly pid: number
  readonly startedAt: number
  readonly command: string
  readonly epoch: number
  /** its Unix socket; null: it does not listen */
  readonly socket: string | null
  /** its address on the network, if any */
  readonly url?: string
  /** device and inode of the lock file; a copy of the folder has another identity */
  readonly identity: string
}

type Claim = Pick<OwnerRecord, 'identity' | 'epoch'>

const CLAIMS = Symbol.for('antiphon.claims')

// of the process, because a hot reload loads this file again. Processes of several containers have the same pid
const claims: Set<string> = ((globalThis as { [CLAIMS]?: Set<string> })[CLAIMS] ??= new Set())

/** Notes that this process has made a record. */
export const noteClaim = ({ identity, epoch }: Claim): void => void claims.add(`${identity} ${epoch}`)

/** Whether the owner is this process: an error must not advise to end it. */
export const isThisProcess = ({ identity, epoch }: Claim): boolean => claims.has(`${identity} ${epoch}`)

/** The owner of a folder in the words of an error. */
export function ownerInWords(owner: OwnerRecord | undefined): string {
  if (!owner) return 'another process'
  const since = `${owner.command}, since ${new Date(owner.startedAt).toISOString()}`
  return isThisProcess(owner)
    ? `this process, which has opened it before (${since})`
    : `process ${owner.pid} (${since})`
}

/** The file whose lock marks the owner. */
export const lockPath = (folder: string) => join(folder, 'owner.db')

/** Device and inode of the lock file. Undefined if missing. */
export function identityOf(folder: string): string | undefined {
  const found = statSync(lockPath(folder), { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}

/** The record of a living owner. Takes no lock, so the pid may have been reused by another process. */
export function readOwner(folder: string): OwnerRecord | undefined {
  const record = readRecord(folder)
  return record && isAlive(record.pid) ? record : undefined
}

/** The record, also of a dead owner. Undefined if missing, unreadable or of another folder. */
export function readRecord(folder: string): OwnerRecord | undefined {
  try {
    // opening a pipe would block forever
    if (!statSync(recordPath(folder)).isFile()) return undefined
    const record = JSON.parse(readFileSync(recordPath(folder), 'utf8')) as OwnerRecord
    return record.identity === identityOf(folder) ? record : undefined
  } catch {
    return undefined
  }
}

const recordPath = (folder: string) => join(folder, 'owner.json')

/** Writes the record atomically. */
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
