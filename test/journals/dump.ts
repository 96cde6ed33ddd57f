import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Libsql from 'libsql'

/** A data folder as text: its database row by row, and its blobs. */
export type FolderDump = {
  readonly format: number
  /** the statements that make the tables */
  readonly tables: readonly string[]
  readonly rows: { readonly [table: string]: readonly (readonly (string | number | null)[])[] }
  readonly blobs: { readonly [path: string]: string }
}

/** The statements that make the tables of a database. Indexes for lists hold no data of their own. */
export function tablesIn(database: Libsql.Database): readonly string[] {
  const sql = `select sql from sqlite_schema where sql not like 'create index %' and name not like 'sqlite_%' order by name`
  return (database.prepare(sql).raw().all([]) as [string][]).map(([text]) => text)
}

/** The dump of a copy of a data folder, which nobody has open. */
export function dumpFolder(data: string): FolderDump {
  const database = new Libsql(join(data, 'engine.db'))
  const names = database.prepare(`select name from sqlite_schema where type = 'table' order by name`).raw().all([])
  const rows = (names as [string][]).map(([name]) => [name, database.prepare(`select * from ${name}`).raw().all([])])
  const [[format]] = database.prepare('pragma user_version').raw().all([]) as [[number]]
  const tables = tablesIn(database)
  database.close()
  return { format, tables, rows: Object.fromEntries(rows), blobs: filesIn(join(data, 'blobs')) }
}

function filesIn(folder: string): FolderDump['blobs'] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  const files = names.filter((name) => statSync(join(folder, name)).isFile())
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}

/** Makes the data folder of a dump. */
export function restoreFolder({ format, tables, rows, blobs }: FolderDump, data: string): void {
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const database = new Libsql(join(data, 'engine.db'))
  for (const sql of tables.toSorted(tablesFirst)) database.exec(sql)
  for (const [table, values] of Object.entries(rows))
    for (const row of values)
      database.prepare(`insert into ${table} values(${row.map(() => '?').join()})`).run([...row])
  database.exec(`pragma user_version=${format}`)
  database.close()
  for (const [name, text] of Object.entries(blobs)) {
    mkdirSync(dirname(join(data, 'blobs', name)), { recursive: true, mode: 0o700 })
    writeFileSync(join(data, 'blobs', name), text)
  }
}

const tablesFirst = (a: string, b: string) => Number(/^create unique/i.test(a)) - Number(/^create unique/i.test(b))
