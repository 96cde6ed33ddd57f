import type Libsql from 'libsql'

// the lookarounds keep a longer number from hiding a hash, or from being taken for one
const HASH = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g

/** The tables of a database, in the order of their names. */
export function tablesOf(database: Libsql.Database): readonly string[] {
  const sql = `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name`
  return (database.prepare(sql).all([]) as { name: string }[]).map(({ name }) => name)
}

/** The rows of a table, one after the other, each as a list of its values. */
export function rowsOf(database: Libsql.Database, table: string): Iterable<readonly unknown[]> {
  return database.prepare(`select * from "${table}"`).raw().iterate([]) as Iterable<readonly unknown[]>
}

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
