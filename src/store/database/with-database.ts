import Libsql from 'libsql'

/** Opens a database file for as long as `use` takes. It waits at most 5 s for a writer. */
export function withDatabase<T>(path: string, use: (database: Libsql.Database) => T): T {
  const database = new Libsql(path, { timeout: 5_000 })
  try {
    return use(database)
  } finally {
    database.close()
  }
}

/** The address of a database that is only read: closing a writable connection would checkpoint its log. */
export const readOnly = (path: string): string => `file:${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}?mode=ro`
