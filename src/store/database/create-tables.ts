import type Libsql from 'libsql'
import { InvalidError } from '../../errors.ts'

/** The tables of a file and the number of their format. A change of format takes the next number. */
export type DatabaseSchema = { readonly format: number; readonly sql: string }

/**
 * Creates the tables of a new file.
 * @throws InvalidError for a file of another format, which stays unchanged
 */
export function createTables(database: Libsql.Database, { format, sql }: DatabaseSchema): void {
  const { user_version: found } = database.prepare('pragma user_version').get([]) as { user_version: number }
  if (found === format) return
  if (found !== 0) throw otherFormat('the database', found, format)
  database.exec('begin')
  try {
    database.exec(sql)
    database.exec(`pragma user_version=${format}`)
    database.exec('commit')
  } finally {
    if (database.inTransaction) database.exec('rollback')
  }
}

/** The error for data in another format, with a hint how to continue. */
export function otherFormat(what: string, found: number, expected: number): InvalidError {
  const [age, hint] =
    found < expected
      ? ['an older', 'Finish the runs in it with the release that wrote it, or give a new folder with --data DIR.']
      : ['a newer', 'Continue with the release that wrote it, or give another folder with --data DIR.']
  return new InvalidError(
    `${what} was written by ${age} release of antiphon: expected format ${expected}, found ${found}`,
    { hint },
  )
}
