import { randomUUID } from 'node:crypto'
import { link, open, realpath, rename, stat } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import { InvalidError, RetryableError } from '../errors.ts'
import { runInBackground } from './background.ts'
import type { BackupDraft, BackupSource } from './backup/draft.ts'
import { noteDraft, removeNotedDraft } from './backup/leftover-draft.ts'
import { syncFile, syncFolder } from './files/durable-file.ts'

/** A backup that is on disk; `bytes` is the size of its file. */
export type Backup = BackupDraft & { readonly file: string; readonly bytes: number }
/** `force`: a file of that name is replaced, but for one in the data folder, which may be what the work itself lies in. */
export type BackupOptions = { readonly force?: boolean; readonly signal?: AbortSignal }

/**
 * Writes all that was committed when this began, and the blobs that it refers to, into one file for this user alone, durable
 * when this resolves. Work goes on meanwhile; no blob may be swept. InvalidError when the file is there or cannot be.
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
  if (there.isDirectory()) throw new InvalidError(`${file} is a folder.`, { hint: 'Give the path of a file.' })
  if (await isWithin(dirname(database), file))
    throw new InvalidError(`${file} is there already and lies in the data folder, where nothing is replaced.`, {
      hint: 'Give another name, or a file in another folder.',
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
      hint: 'Give a file in a folder that is there and that you may write to.',
    })
  }
}

// a link does not replace what came there meanwhile, a rename does
async function putInPlace(draft: string, file: string, force: boolean): Promise<void> {
  if (force) await rename(draft, file)
  else await link(draft, file)
  await syncFolder(dirname(file))
}

function alreadyThere(file: string): InvalidError {
  return new InvalidError(`There is a file ${file} already.`, { hint: 'Give another name, or --force to replace it.' })
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
