import { readFileSync } from 'node:fs'
import Libsql from 'libsql'
import { blobPath } from '../blobs/folder-store.ts'
import { referencesIn } from '../blobs/gc.ts'
import { checkRows } from '../database/row-checks.ts'
import { STORED_FORMAT } from '../stored-format.ts'
import { type BackupManifest, copiedTables, digestOf, hashOf } from './format.ts'

/** What to back up: a database file that another connection of this process has open, and the folder of its blobs. */
export type BackupSource = { readonly database: string; readonly blobs: string }

/**
 * What went into a backup; `damaged` are blobs that hold something else than they are called, and stayed out. Damaged rows are copied as
 * they are, and named in `rows`.
 */
export type BackupDraft = BackupManifest & { readonly damaged: readonly string[] }

/** Copies all that is committed at this moment, and the blobs it refers to, into an empty file; commits go on meanwhile. */
export function draftBackup({ database, blobs }: BackupSource, draft: string, at: number): BackupDraft {
  copyCommitted(database, draft)
  const copy = new Libsql(draft)
  try {
    // a draft that is not finished is thrown away, and a finished one is made durable by who asked for it
    copy.exec('pragma journal_mode = off; pragma synchronous = off; begin')
    // the copy has the indexes as they are, and a damaged row does not match them
    copy.exec('reindex')
    const tables = Object.fromEntries(copiedTables(copy).map((table) => [table, digestOf(copy, table)]))
    const { count, damaged } = addBlobs(copy, blobs)
    const { damaged: rows } = checkRows(copy)
    const contents: BackupManifest = {
      format: STORED_FORMAT,
      at,
      blobs: count,
      tables,
      ...(rows.length > 0 && { rows }),
    }
    copy.exec('create table backup(contents text not null)')
    copy.prepare('insert into backup values(?)').run([JSON.stringify(contents)])
    copy.exec('commit')
    return { ...contents, damaged }
  } finally {
    copy.close()
  }
}

// a reader's snapshot: what is acknowledged by now is in it, and the writer is not held up
function copyCommitted(database: string, draft: string): void {
  const source = new Libsql(database)
  try {
    source.prepare('vacuum into ?').run([draft])
  } finally {
    source.close()
  }
}

function addBlobs(copy: Libsql.Database, folder: string): { readonly count: number; readonly damaged: string[] } {
  const references = referencesIn(copy)
  copy.exec('create table blob(hash text primary key, value text not null)')
  const insert = copy.prepare('insert into blob values(?, ?)')
  const damaged: string[] = []
  let count = 0
  for (const hash of references) {
    const value = read(blobPath(folder, hash))
    if (value === undefined) continue
    if (hashOf(value) !== hash) damaged.push(hash)
    else count += insert.run([hash, value]).changes
  }
  return { count, damaged }
}

/** What looks like a hash need not be one of a blob. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
