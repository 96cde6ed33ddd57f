import { createHash } from 'node:crypto'
import type Libsql from 'libsql'
import { rowsOf, tablesOf } from '../blobs/gc.ts'
import type { BackupManifest } from './document.ts'

type TableDigest = BackupManifest['tables'][string]

const BACKUP_TABLES: ReadonlySet<string> = new Set(['backup', 'blob', 'piece'])

/** The tables of blobs: whole ones, and the pieces of longer ones, in order. */
export const BLOB_TABLES = `create table blob(hash text primary key, value blob not null);
create table piece(hash text, n integer, value blob not null, primary key(hash, n))`

/** The pieces of long blobs, in order. */
export function piecesIn(copy: Libsql.Database): Iterable<readonly [hash: Buffer, n: number, value: Buffer]> {
  const sql = 'select cast(hash as blob), n, cast(value as blob) from piece order by hash, n'
  return copy.prepare(sql).raw().iterate([]) as Iterable<readonly [Buffer, number, Buffer]>
}

/** The tables copied from engine.db. */
export function copiedTables(database: Libsql.Database): readonly string[] {
  return tablesOf(database).filter((name) => !BACKUP_TABLES.has(name))
}

/** The number of rows, and a hash over all rows in order. */
export function digestOf(database: Libsql.Database, table: string): TableDigest {
  const hash = createHash('sha256')
  let rows = 0
  for (const row of rowsOf(database, table)) {
    hash.update(`${JSON.stringify(row)}\n`)
    rows++
  }
  return { rows, hash: hash.digest('hex') }
}

/** The SHA-256 that names a blob. */
export const hashOf = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')
