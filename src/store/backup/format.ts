import { createHash } from 'node:crypto'
import type Libsql from 'libsql'
import { rowsOf, tablesOf } from '../blobs/gc.ts'
import type { BackupManifest } from './document.ts'

type TableDigest = BackupManifest['tables'][string]

const BACKUP_TABLES: ReadonlySet<string> = new Set(['backup', 'blob'])

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
export function hashOf(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex')
}
