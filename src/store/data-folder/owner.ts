/**
 * The ownership of a data folder. One process at a time may write a folder; other processes find its socket here. A
 * lock with an epoch keeps a process that only seemed dead from writing again.
 */

import { accessSync, constants } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'libsql'
import { BusyError, InvalidError, is } from '../../errors.ts'
import { createPrivateFile, makePrivate, makePrivateFolder } from '../files/private.ts'
import { checkFileKinds } from './file-kinds.ts'
import type { OwnerRecord } from './owner-record.ts'
import { identityOf, lockPath, noteClaim, readOwner, readRecord, removeRecord, writeRecord } from './owner-record.ts'
import { checkStoredFormat } from './stored-format.ts'
import { halfRestoredError, isHalfRestored } from './unfinished-restore.ts'

/** Ownership of a folder until `release` or the death of this process. */
export interface FolderOwner {
  readonly taken: false
  readonly folder: string
  readonly epoch: number
  /** Publishes the addresses of this process: socket and network. */
  announce(socket: string, url?: string): void
  /** Releases the folder. Idempotent. */
  release(): void
}

/** Another process owns the folder. The record is missing only while that process starts. */
type FolderTaken = { readonly taken: true; readonly record: OwnerRecord | undefined }

const CLAIM_TIMEOUT_MS = 2_000

/** `command` is shown to other processes. `restores`: the folder may contain an unfinished restore. */
type FolderClaim = { readonly command: string; readonly restores?: boolean }

/**
 * Makes this process the only owner of a data folder (mode 0700), or returns the owner. The system
 * releases the lock when the owner dies.
 * @throws InvalidError if the folder is not writable or has another format; TerminalError
 * `half_restored` after an unfinished restore
 */
export async function claimFolder(
  folder: string,
  { command, restores = false }: FolderClaim,
): Promise<FolderOwner | FolderTaken> {
  const claimed = await claimUsable(folder, command)
  if (claimed.taken || restores || !isHalfRestored(folder)) return claimed
  claimed.release()
  throw halfRestoredError(folder)
}

async function claimUsable(folder: string, command: string): Promise<FolderOwner | FolderTaken> {
  try {
    checkFileKinds(folder)
    if (readOwner(folder) === undefined) checkStoredFormat(folder)
    makePrivateFolder(folder)
    // libSQL reports only that it cannot open the file
    accessSync(`${folder}/.`, constants.R_OK | constants.W_OK | constants.X_OK)
    makePrivate(folder)
    return await claim(folder, command)
  } catch (cause) {
    if (is(cause)) throw cause
    const { code, message } = cause as NodeJS.ErrnoException
    if (DISK_FULL_CODES.has(code)) throw cannotBeWritten(folder, cause as Error)
    throw new InvalidError(`The data folder ${folder} cannot be used: ${message}.`, { cause, hint: ELSEWHERE })
  }
}

const DISK_FULL_CODES: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL'])
const ELSEWHERE = 'Give a folder that you may write to with --data DIR.'

/** The error of a full disk, with the words and the code of the process that met it first. */
const cannotBeWritten = (folder: string, cause: Error) =>
  new BusyError(`The data folder cannot be written: ${cause.message}`, {
    code: 'degraded',
    cause,
    hint: `Free space on the disk of ${folder}. All acknowledged work is in the folder. Once a little space is free, antiphon gc removes old runs and unused blobs.`,
  })

/** The current owner, if any. Creates nothing. */
export async function findOwner(folder: string): Promise<OwnerRecord | undefined> {
  if (readOwner(folder) === undefined) return undefined
  const found = await claimFolder(folder, { command: 'antiphon (looking who owns the folder)' })
  if (found.taken) return found.record
  found.release()
  return undefined
}

async function claim(folder: string, command: string): Promise<FolderOwner | FolderTaken> {
  for (const deadline = performance.now() + CLAIM_TIMEOUT_MS; ; await sleep(5 + Math.random() * 20)) {
    const lock = takeLock(lockPath(folder))
    if (lock) return ownOrClose(folder, command, lock)
    // Two concurrent attempts may both be refused, and the record of a killed owner remains: only a living one counts.
    const record = readOwner(folder)
    if (record || performance.now() > deadline) return { taken: true, record: record ?? readRecord(folder) }
  }
}

type Lock = { readonly epoch: number; close(): void }

// In this locking mode, SQLite keeps the lock after the commit, so the epoch is durable and the file stays ours.
function takeLock(path: string): Lock | undefined {
  createPrivateFile(path)
  const database = new Database(path, { timeout: 0 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    database.exec('BEGIN EXCLUSIVE')
    const epoch = nextEpoch(database)
    database.exec('COMMIT')
    return { epoch, close: () => giveUp(database) }
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK')
    letGo(database)
    if ((error as { code?: unknown }).code === 'SQLITE_BUSY') return undefined
    throw error
  }
}

/** Releases a lock that could not be used, for example on a full disk. */
function letGo(database: Database.Database): void {
  try {
    giveUp(database)
  } catch {
    database.close()
  }
}

// Closing alone leaves the lock with the process until the connection is collected.
function giveUp(database: Database.Database): void {
  database.exec('PRAGMA locking_mode = NORMAL')
  database.exec('SELECT 1 FROM sqlite_schema')
  database.close()
}

function nextEpoch(database: Database.Database): number {
  database.exec('CREATE TABLE IF NOT EXISTS owner (epoch INTEGER NOT NULL)')
  const { last } = database.prepare('SELECT max(epoch) AS last FROM owner').get() as { last: number | null }
  database.exec('DELETE FROM owner')
  database.prepare('INSERT INTO owner VALUES (?)').run([(last ?? 0) + 1])
  return (last ?? 0) + 1
}

function ownOrClose(folder: string, command: string, lock: Lock): FolderOwner {
  try {
    return own(folder, command, lock)
  } catch (error) {
    lock.close()
    throw error
  }
}

function own(folder: string, command: string, lock: Lock): FolderOwner {
  const identity = identityOf(folder)!
  const record = { pid: process.pid, startedAt: Date.now(), command, epoch: lock.epoch, socket: null, identity }
  writeRecord(folder, record)
  noteClaim(record)
  let released = false
  return {
    taken: false,
    folder,
    epoch: lock.epoch,
    announce: (socket, url) => writeRecord(folder, { ...record, socket, ...(url !== undefined && { url }) }),
    release() {
      if (released) return
      released = true
      // the folder may have been deleted and recreated by another owner
      if (identityOf(folder) === identity) removeRecord(folder)
      lock.close()
    },
  }
}
