import { randomUUID } from 'node:crypto'
import { link, open, realpath, rename, stat } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import { InvalidError, RetryableError } from '../errors.ts'
import { runInBackground } from './background.ts'
import type { Backup } from './backup/document.ts'
import type { BackupSource } from './backup/draft.ts'
import { noteDraft, removeNotedDraft } from './backup/leftover-draft.ts'
import { syncFile, syncFolder } from './files/durable-file.ts'

/** `force` replaces an existing file, except in the data folder, where it may be a file in use. */
export type BackupOptions = { readonly force?: boolean; readonly signal?: AbortSignal }

/**
 * Writes all data committed at the start, and its blobs, into one private file. Durable when it
 * resolves. Work continues in the meantime, but no blob sweep may run.
 * @throws InvalidError if the file exists or cannot be created
 */
export async function writeBackup(source: BackupSource, file: string, options: BackupOptions = {}): Promise<Backup> {
  const { force = false, signal } = options
  await checkPlace(source, file, force)
  const data = dirname(source.database)
  const draft = `${file}.${randomUUID()}.draft`
  await noteDraft(data, draft)
  try {
    await createEmpty(draft, file)
    const drafted = await runInBackground('draftBackup', [source, draft, Date.now()], signal)
    await syncFile(draft)
    await putInPlace(draft, file, force)
    return { ...drafted, file, bytes: (await stat(file)).size }
  } catch (error) {
    throw explained(error, file)
  } finally {
    await removeNotedDraft(data)
  }
}

async function checkPlace({ database }: BackupSource, file: string, force: boolean): Promise<void> {
  const there = await stat(file).catch(() => undefined)
  if (!there) return
  if (there.isDirectory()) throw new InvalidError(`${file} is a folder.`, { hint: 'Use the path of a file.' })
  if (await isWithin(dirname(database), file))
    throw new InvalidError(`${file} already exists in the data folder, where files are never replaced.`, {
      hint: 'Use another name or another folder.',
    })
  if (!force) throw alreadyThere(file)
}

async function isWithin(folder: string, file: string): Promise<boolean> {
  const [outer, inner] = await Promise.all([realpath(folder), realpath(dirname(file))])
  return !/^\.\.(\/|$)/.test(relative(outer, inner))
}

async function createEmpty(draft: string, file: string): Promise<void> {
  try {
    await (await open(draft, 'wx', 0o600)).close()
  } catch (cause) {
    throw new InvalidError(`The backup ${file} cannot be written: ${(cause as Error).message}.`, {
      cause,
      hint: 'Use an existing folder with write permission.',
    })
  }
}

// link fails if the file exists by now, rename would replace it
async function putInPlace(draft: string, file: string, force: boolean): Promise<void> {
  if (force) await rename(draft, file)
  else await link(draft, file)
  await syncFolder(dirname(file))
}

function alreadyThere(file: string): InvalidError {
  return new InvalidError(`The file ${file} already exists.`, { hint: 'Use another name, or --force to replace it.' })
}

function explained(error: unknown, file: string): unknown {
  const { code, message } = error as { readonly code?: string; readonly message: string }
  if (code === 'EEXIST') return alreadyThere(file)
  if (code !== 'ENOSPC' && code !== 'SQLITE_FULL') return error
  return new RetryableError(`The disk is too full for the backup ${file}: ${message}`, {
    code: 'storage',
    cause: error,
  })
}
