import type Libsql from 'libsql'
import { textOf } from '../database/checked-row.ts'
import { endIfStopped } from '../unbroken-call.ts'
import type { BlobStore, StoredBlob } from './blob-store.ts'

/** `used`: hashes in use. `before`: ms since the epoch, at least an hour ago: newer blobs may not be referenced yet. */
export type SweepOptions = {
  readonly used: ReadonlySet<string>
  readonly before: number
  readonly dryRun?: boolean
  readonly signal?: AbortSignal
}
/** Removed blobs, and leftovers of interrupted writes. */
export type SweepResult = { readonly blobs: RemovedFiles; readonly drafts: RemovedFiles }
type RemovedFiles = { readonly count: number; readonly bytes: number }

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

// the lookarounds prevent a match inside a longer number
const HASH = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g

/** The tables of a database, sorted by name. */
export function tablesOf(database: Libsql.Database): readonly string[] {
  const sql = `select cast(name as blob) name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name`
  return (database.prepare(sql).all([]) as { name: ArrayBuffer }[]).map(({ name }) => textOf(name))
}

/** The rows of a table as lists of values. Replaces invalid UTF-8: libSQL aborts when it reads such text. */
export function* rowsOf(database: Libsql.Database, table: string): Generator<readonly unknown[]> {
  const sql = 'select name, type from pragma_table_info(?)'
  const columns = database.prepare(sql).all([table]) as { readonly name: string; readonly type: string }[]
  const bytes = columns.map(({ name }) => `cast("${name}" as blob)`)
  const rows = database.prepare(`select ${bytes} from "${table}"`).raw().iterate([]) as Iterable<readonly Bytes[]>
  const isNumber = columns.map(({ type }) => type.toLowerCase() === 'integer')
  for (const row of rows) {
    endIfStopped()
    yield row.map((value, index) => value && (isNumber[index] ? Number(value) : String(value)))
  }
}
type Bytes = Buffer | null

/** All strings in a database that look like blob hashes. Blobs do not refer to blobs. */
export function referencesIn(database: Libsql.Database): Set<string> {
  const found = new Set<string>()
  for (const table of tablesOf(database)) {
    for (const row of rowsOf(database, table)) for (const value of row) collect(value, found)
  }
  return found
}

function collect(value: unknown, found: Set<string>): void {
  if (typeof value === 'string' && value.length >= 64) for (const hash of hashesIn(value)) found.add(hash)
}

/** The parts of a text that look like blob hashes. */
export const hashesIn = (text: string): readonly string[] => text.match(HASH) ?? []
