import { createHash } from 'node:crypto'
import type Libsql from 'libsql'
import { rowsOf, tablesOf } from '../blobs/gc.ts'

/**
 * A backup is one SQLite file: the tables of engine.db as they stood at one moment, `blob` with the values they refer to, and
 * `backup`, which has this manifest. `at` is ms since the epoch.
 */
export type BackupManifest = {
  /** the number of the stored format */
  readonly format: number
  readonly at: number
  readonly blobs: number
  readonly tables: { readonly [name: string]: TableDigest }
  /** rows that were damaged when it was made */
  readonly rows?: readonly string[] | undefined
}
/** A table in two words. */
export type TableDigest = { readonly rows: number; readonly hash: string }

const BACKUP_TABLES: ReadonlySet<string> = new Set(['backup', 'blob'])

/** The tables that came from engine.db. */
export function copiedTables(database: Libsql.Database): readonly string[] {
  return tablesOf(database).filter((name) => !BACKUP_TABLES.has(name))
}

/** How many rows a table has, and the hash of all of them in their order. */
export function digestOf(database: Libsql.Database, table: string): TableDigest {
  const hash = createHash('sha256')
  let rows = 0
  for (const row of rowsOf(database, table)) {
    hash.update(`${JSON.stringify(row)}\n`)
    rows++
  }
  return { rows, hash: hash.digest('hex') }
}

/** The SHA-256 of a text, or of its bytes, which is what its blob is called. */
export function hashOf(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex')
}
