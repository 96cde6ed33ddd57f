import { crc32 } from 'node:zlib'
import type Libsql from 'libsql'
import { InvalidError } from '../../errors.ts'

/** What a version of the schema adds: SQL, or SQL around checksums of one column, which `read` gives by row and `write` puts in. */
export type Migration =
  | string
  | { readonly sql: string; readonly mark: { readonly read: string; readonly write: string }; readonly after: string }

/** Brings a file to the newest version of its schema, forward only, each version in a transaction of its own; a new file gets all at once. */
export function migrate(database: Libsql.Database, schema: readonly Migration[]): void {
  const { user_version: version } = database.prepare('pragma user_version').get([]) as { user_version: number }
  if (version > schema.length)
    throw new InvalidError(
      `the data folder was written by a newer version of antiphon (schema ${version}, this one knows ${schema.length})`,
      { hint: 'Go on with that version, or give another folder with --data DIR.' },
    )
  const steps = schema.map((step, index) => () => {
    apply(database, step)
    database.exec(`pragma user_version=${index + 1}`)
  })
  // each transaction waits for the disk
  const missing = steps.slice(version)
  const transactions = version === 0 ? [() => missing.forEach((step) => step())] : missing
  for (const transaction of transactions) inTransaction(database, transaction)
}

function inTransaction(database: Libsql.Database, work: () => void): void {
  database.exec('begin')
  try {
    work()
    database.exec('commit')
  } finally {
    if (database.inTransaction) database.exec('rollback')
  }
}

function apply(database: Libsql.Database, step: Migration): void {
  if (typeof step === 'string') return void database.exec(step)
  const { sql, mark, after } = step
  database.exec(sql)
  const write = database.prepare(mark.write)
  for (const { rowid, bytes } of database.prepare(mark.read).all([]) as readonly Marked[])
    write.run([crc32(Buffer.from(bytes)), rowid])
  database.exec(after)
}

type Marked = { readonly rowid: number; readonly bytes: ArrayBuffer }
