import { createHash } from 'node:crypto'
import { closeSync, readSync } from 'node:fs'
import type Libsql from 'libsql'
import { blobPath } from '../blobs/folder-store.ts'
import { referencesIn } from '../blobs/gc.ts'
import { checkRows } from '../database/row-checks.ts'
import { withDatabase } from '../database/with-database.ts'
import { openIfThere } from '../files/private.ts'
import { STORED_FORMAT } from '../stored-format.ts'
import { endIfStopped } from '../unbroken-call.ts'
import type { BackupDraft, BackupManifest } from './document.ts'
import { BLOB_TABLES, copiedTables, digestOf, hashOf } from './format.ts'
import { addMemory, copyCommitted, memoryDraftOf } from './memory-copy.ts'

/** The source of a backup: a database file that this process has open, the folder of its blobs, and memory.db. */
export type BackupSource = { readonly database: string; readonly blobs: string; readonly memory?: string }

/** Copies all committed data and its blobs into an empty file. Commits continue in the meantime. */
export function draftBackup({ database, blobs, memory }: BackupSource, draft: string, at: number): BackupDraft {
  copyCommitted(database, draft)
  return withDatabase(draft, (copy) => {
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
  })
}

function addBlobs(copy: Libsql.Database, folder: string): { readonly count: number; readonly damaged: string[] } {
  const references = referencesIn(copy)
  copy.exec(BLOB_TABLES)
  const damaged: string[] = []
  let count = 0
  for (const hash of references) {
    const isWhole = addBlob(copy, hash, blobPath(folder, hash))
    if (isWhole === false) damaged.push(hash)
    else if (isWhole) count++
  }
  return { count, damaged }
}

/** Bytes of a blob in one row. A longer one is read in pieces of that length. */
const PIECE_BYTES = 4 * 1024 * 1024

/** Adds a blob. Undefined: there is none, since any text can look like a hash. False: it is damaged, and left out. */
function addBlob(copy: Libsql.Database, hash: string, path: string): boolean | undefined {
  const file = openIfThere(path)
  if (file === undefined) return undefined
  try {
    const first = readPiece(file)
    if (first.length < PIECE_BYTES) {
      if (hashOf(first) !== hash) return false
      copy.prepare('insert into blob values(?, ?)').run([hash, first])
      return true
    }
    const found = createHash('sha256')
    const insert = copy.prepare('insert into piece values(?, ?, ?)')
    for (let [n, piece] = [0, first]; piece.length > 0; n++, piece = readPiece(file)) {
      found.update(piece)
      insert.run([hash, n, piece])
    }
    if (found.digest('hex') === hash) return true
    copy.prepare('delete from piece where hash = ?').run([hash])
    return false
  } finally {
    closeSync(file)
  }
}

/** The next bytes of a file. */
function readPiece(file: number): Buffer {
  endIfStopped()
  const piece = Buffer.allocUnsafe(PIECE_BYTES)
  let length = 0
  for (let read = -1; read !== 0 && length < PIECE_BYTES; length += read)
    read = readSync(file, piece, length, PIECE_BYTES - length, null)
  return piece.subarray(0, length)
}
