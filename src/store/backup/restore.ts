import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type Libsql from 'libsql'
import { InvalidError, RetryableError, TerminalError } from '../../errors.ts'
import { blobPath } from '../blobs/folder-store.ts'
import { claimFolder } from '../data-folder/owner.ts'
import { isHalfRestored, RESTORE_AGAIN_HINT, restoreDraftPath } from '../data-folder/unfinished-restore.ts'
import { withDatabase } from '../database/with-database.ts'
import { syncFile, syncFolder } from '../files/durable-file.ts'
import { piecesIn } from './format.ts'
import { restoreMemory } from './memory-copy.ts'
import { type Verification, verifyBackup } from './verify.ts'

type FinishDraft = (draft: string) => Promise<void>

/**
 * Verifies a backup and restores it into a data folder. Durable when it resolves. Restores again
 * after an unfinished restore. `finish` completes the draft of the folder.
 * @throws InvalidError if the folder contains anything else; TerminalError `damaged` if the backup
 * is damaged
 */
export async function restoreBackup(file: string, folder: string, finish?: FinishDraft): Promise<Verification> {
  const verification = verifyBackup(file)
  if (verification.faults.length > 0) throw damaged(verification)
  checkEmpty(folder)
  // before the claim: a folder that was claimed and not marked would open, and be empty
  const isNew = await mark(folder)
  const owner = await claimFolder(folder, { command: 'antiphon restore', restores: true })
  // another process may have used the folder before this one marked it
  if (owner.taken || (isNew && hasEntries(folder, OF_A_BEGUN_ONE))) {
    if (isNew) await rmdir(restoreDraftPath(folder))
    if (!owner.taken) owner.release()
    throw notEmpty(folder)
  }
  try {
    const draft = await removeLeftovers(folder)
    unpack(file, draft)
    // retention derives age from the last write
    utimesSync(join(draft, 'engine.db'), verification.at / 1000, verification.at / 1000)
    await finish?.(draft)
    await settle(draft, folder)
    return verification
  } catch (error) {
    throw explained(error, folder)
  } finally {
    owner.release()
  }
}

function damaged({ file, faults }: Verification): TerminalError {
  return new TerminalError(`The backup ${file} is damaged, and nothing was restored:\n  ${faults.join('\n  ')}.`, {
    code: 'damaged',
  })
}

export function checkEmpty(folder: string): void {
  if (!existsSync(folder) || isHalfRestored(folder)) return
  if (hasEntries(folder, OF_THE_OWNER)) throw notEmpty(folder)
}

const hasEntries = (folder: string, besides: RegExp) => readdirSync(folder).some((name) => !besides.test(name))

/** Files that claiming a folder creates, and those of a restore that has only begun. */
const OF_THE_OWNER = /^owner\.(db|json)/
const OF_A_BEGUN_ONE = /^owner\.(db|json)|^restoring$/

function notEmpty(folder: string): InvalidError {
  return new InvalidError(`The folder ${folder} is not empty.`, {
    hint: 'Restore a backup into a new or empty folder: choose one with --data DIR.',
  })
}

/** Marks the folder as unfinished. False: an earlier restore did. */
async function mark(folder: string): Promise<boolean> {
  try {
    const made = await mkdir(restoreDraftPath(folder), { recursive: true, mode: 0o700 })
    await syncFolder(folder)
    return made !== undefined
  } catch (error) {
    throw explained(error, folder)
  }
}

/** Deletes leftovers of an earlier restore. */
async function removeLeftovers(folder: string): Promise<string> {
  const draft = restoreDraftPath(folder)
  const left = [...readdirSync(draft).map((name) => join(draft, name)), ...RESTORED.map((name) => join(folder, name))]
  for (const path of left) await rm(path, { recursive: true, force: true })
  return draft
}

const DATABASES = ['engine.db', 'memory.db']
const RESTORED = ['blobs', 'engine.db-flushed', ...DATABASES.flatMap((name) => [name, `${name}-wal`, `${name}-shm`])]

function unpack(file: string, draft: string): void {
  const path = join(draft, 'engine.db')
  copyFileSync(file, path)
  chmodSync(path, 0o600)
  withDatabase(path, (database) => {
    writeBlobs(database, join(draft, 'blobs'))
    restoreMemory(database, join(draft, 'memory.db'))
    database.exec('drop table blob; drop table if exists piece; drop table backup; vacuum')
  })
}

function writeBlobs(database: Libsql.Database, folder: string): void {
  const sql = 'select hash, cast(value as blob) from blob'
  const blobs = database.prepare(sql).raw().iterate([]) as Iterable<[string, Buffer]>
  for (const [hash, value] of blobs) writeBlob(blobPath(folder, hash), value, 'wx')
  for (const [hash, n, value] of piecesIn(database))
    writeBlob(blobPath(folder, String(hash)), value, n === 0 ? 'wx' : 'a')
}

function writeBlob(path: string, value: Buffer, flag: 'wx' | 'a'): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(path, value, { flag, mode: 0o600 })
}

/** Deletes the draft last: while it exists, the folder counts as unfinished. */
async function settle(draft: string, folder: string): Promise<void> {
  await syncAll(draft)
  if (existsSync(join(draft, 'blobs'))) await rename(join(draft, 'blobs'), join(folder, 'blobs'))
  if (existsSync(join(draft, 'memory.db'))) await rename(join(draft, 'memory.db'), join(folder, 'memory.db'))
  await rename(join(draft, 'engine.db'), join(folder, 'engine.db'))
  await syncFolder(folder)
  await rmdir(draft)
  await syncFolder(folder)
  await syncFolder(dirname(folder))
}

async function syncAll(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await syncAll(path)
    else await syncFile(path)
  }
  await syncFolder(folder)
}

function explained(error: unknown, folder: string): unknown {
  const { errno, message } = error as NodeJS.ErrnoException
  if (errno === undefined) return error
  return new RetryableError(`The backup could not be restored into ${folder}: ${message}`, {
    code: 'storage',
    cause: error,
    hint: RESTORE_AGAIN_HINT,
  })
}
