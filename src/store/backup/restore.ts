import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { chmod, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import Libsql from 'libsql'
import { InvalidError, TerminalError } from '../../errors.ts'
import { blobPath } from '../blobs/folder.ts'
import { syncFile, syncFolder } from '../durable.ts'
import { claimFolder } from '../owner.ts'
import { type Verification, verifyBackup } from './verify.ts'

/**
 * Makes a data folder of a backup, once that was verified; it is durable when this resolves. InvalidError when there is anything
 * in the folder, TerminalError of code `damaged` when the backup is not as it was written.
 */
export async function restoreBackup(file: string, folder: string, schema: number): Promise<Verification> {
  const verification = verifyBackup(file, schema)
  if (verification.faults.length > 0) throw damaged(verification)
  checkEmpty(folder)
  const owner = await claimFolder(folder, { command: 'antiphon restore' })
  if (owner.taken) throw notEmpty(folder)
  const draft = join(folder, 'restoring')
  try {
    mkdirSync(draft, { mode: 0o700 })
    unpack(file, draft)
    await settle(draft, folder)
    return verification
  } finally {
    await rm(draft, { recursive: true, force: true })
    owner.release()
  }
}

function damaged({ file, faults }: Verification): TerminalError {
  return new TerminalError(`The backup ${file} is damaged, and nothing was restored:\n  ${faults.join('\n  ')}`, {
    code: 'damaged',
  })
}

function checkEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0) throw notEmpty(folder)
}

function notEmpty(folder: string): InvalidError {
  return new InvalidError(`There is something in ${folder} already.`, {
    hint: 'A backup is restored into a folder that is empty or not there: give one with --data DIR.',
  })
}

function unpack(file: string, draft: string): void {
  const path = join(draft, 'engine.db')
  copyFileSync(file, path)
  const database = new Libsql(path)
  try {
    writeBlobs(database, join(draft, 'blobs'))
    database.exec('drop table blob; drop table backup; vacuum')
  } finally {
    database.close()
  }
}

function writeBlobs(database: Libsql.Database, folder: string): void {
  const blobs = database.prepare('select hash, value from blob').raw().iterate([]) as Iterable<[string, string]>
  for (const [hash, value] of blobs) {
    const path = blobPath(folder, hash)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, value, { flag: 'wx' })
  }
}

/** The database comes last: a folder without one was not restored. */
async function settle(draft: string, folder: string): Promise<void> {
  await chmod(join(draft, 'engine.db'), 0o600)
  await syncAll(draft)
  if (existsSync(join(draft, 'blobs'))) await rename(join(draft, 'blobs'), join(folder, 'blobs'))
  await rename(join(draft, 'engine.db'), join(folder, 'engine.db'))
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
