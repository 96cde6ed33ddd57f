import { createHash } from 'node:crypto'
import type Libsql from 'libsql'
import { rowsOf, tablesOf } from '../blobs/gc.ts'

/**
 * A backup is one SQLite file: the tables of engine.db at one moment, the table `blob` with the
 * referenced values, and the table `backup` with this manifest. `at` is in ms since the epoch.
 */
export type BackupManifest = {
  readonly format: number
  readonly at: number
  readonly blobs: number
  readonly tables: { readonly [name: string]: TableDigest }
  /** rows that were already damaged */
  readonly rows?: readonly string[] | undefined
}
type TableDigest = { readonly rows: number; readonly hash: string }

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
