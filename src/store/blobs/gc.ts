import type Libsql from 'libsql'
import { textOf } from '../database/checked-row.ts'
import type { BlobStore, StoredBlob } from './blob-store.ts'

/** `used` are hashes; `before` is in ms since the epoch, at least an hour back: a blob put earlier is referred to by now if it is in use. */
export type SweepOptions = {
  readonly used: ReadonlySet<string>
  readonly before: number
  readonly dryRun?: boolean
  readonly signal?: AbortSignal
}
/** The blobs that a sweep took, and the drafts that writes left behind. */
export type SweepResult = { readonly blobs: RemovedFiles; readonly drafts: RemovedFiles }
/** A number of files, and their bytes in all. */
export type RemovedFiles = { readonly count: number; readonly bytes: number }

/** Goes through a store and takes away what nobody uses, one after the other. */
export async function sweepBlobs(
  store: BlobStore,
  { used, before, dryRun = false, signal }: SweepOptions,
  remove: (item: StoredBlob) => Promise<void>,
): Promise<SweepResult> {
  const blobs = { count: 0, bytes: 0 }
  const drafts = { count: 0, bytes: 0 }
  for await (const item of store.old(used, before)) {
    signal?.throwIfAborted()
    if (!dryRun) await remove(item)
    const taken = item.hash === undefined ? drafts : blobs
    taken.count++
    taken.bytes += item.bytes
  }
  return { blobs, drafts }
}

// the lookarounds keep a longer number from hiding a hash, or from being taken for one
const HASH = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g

/** The tables of a database, in the order of their names. */
export function tablesOf(database: Libsql.Database): readonly string[] {
  const sql = `select cast(name as blob) name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name`
  return (database.prepare(sql).all([]) as { name: ArrayBuffer }[]).map(({ name }) => textOf(name))
}

/**
 * The rows of a table, one after the other, each as a list of its values. Bytes that are no text are replaced: libSQL ends the process that
 * reads them as text.
 */
export function* rowsOf(database: Libsql.Database, table: string): Generator<readonly unknown[]> {
  const sql = 'select name, type from pragma_table_info(?)'
  const columns = database.prepare(sql).all([table]) as { readonly name: string; readonly type: string }[]
  const bytes = columns.map(({ name }) => `cast("${name}" as blob)`)
  const rows = database.prepare(`select ${bytes} from "${table}"`).raw().iterate([]) as Iterable<readonly Bytes[]>
  const isNumber = columns.map(({ type }) => type.toLowerCase() === 'integer')
  for (const row of rows) yield row.map((value, index) => value && (isNumber[index] ? Number(value) : String(value)))
}
type Bytes = Buffer | null

/** Everything in a database that looks like the hash of a blob: who keeps a blob names it somewhere. Blobs name none. */
export function referencesIn(database: Libsql.Database): Set<string> {
  const found = new Set<string>()
  for (const table of tablesOf(database)) {
    for (const row of rowsOf(database, table)) for (const value of row) collect(value, found)
  }
  return found
}

function collect(value: unknown, found: Set<string>): void {
  if (typeof value === 'string' && value.length >= 64) for (const [hash] of value.matchAll(HASH)) found.add(hash)
}
