import { readFileSync } from 'node:fs'
import Libsql from 'libsql'
import { blobPath } from '../blobs/folder-store.ts'
import { referencesIn } from '../blobs/gc.ts'
import { checkRows } from '../database/row-checks.ts'
import { STORED_FORMAT } from '../stored-format.ts'
import type { BackupDraft, BackupManifest } from './document.ts'
import { copiedTables, digestOf, hashOf } from './format.ts'
import { addMemory, copyCommitted, memoryDraftOf } from './memory-copy.ts'

/** The source of a backup: a database file that this process has open, the folder of its blobs, and memory.db. */
export type BackupSource = { readonly database: string; readonly blobs: string; readonly memory?: string }

/** Copies all committed data and its blobs into an empty file. Commits continue in the meantime. */
export function draftBackup({ database, blobs, memory }: BackupSource, draft: string, at: number): BackupDraft {
  copyCommitted(database, draft)
  const copy = new Libsql(draft)
  try {
    // an unfinished draft is discarded; the caller makes a finished one durable
    copy.exec('pragma journal_mode = off; pragma synchronous = off; begin')
    // rebuild indexes, because a damaged row does not match its copied index
    copy.exec('reindex')
    addMemory(copy, memory, memoryDraftOf(draft))
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

/** Undefined if the hash is not a blob: any text can look like a hash. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
