import type Libsql from 'libsql'
import { InvalidError } from '../../errors.ts'

/** The tables of a file and the number of their format. A change of format takes the next number. */
export type DatabaseSchema = {
  readonly format: number
  readonly sql: string
  /** Definitions by name. Indexes hold no data, so they may change without a new format. Absent: they stay. */
  readonly indexes?: { readonly [name: string]: string }
}

/**
 * Creates the tables of a new file, and brings the indexes of another one to the schema.
 * @throws InvalidError for a file of another format, which stays unchanged
 */
export function createTables(database: Libsql.Database, { format, sql, indexes }: DatabaseSchema): void {
  const { user_version: found } = database.prepare('pragma user_version').get([]) as { user_version: number }
  if (found !== 0 && found !== format) throw otherFormat('the database', found, format)
  const changes = [
    ...(found === 0 ? [sql, `pragma user_version=${format}`] : []),
    ...(indexes ? indexChanges(found === 0 ? [] : storedIndexes(database), indexes) : []),
  ]
  if (changes.length === 0) return
  database.exec('begin')
  try {
    for (const change of changes) database.exec(change)
    database.exec('commit')
  } finally {
    if (database.inTransaction) database.exec('rollback')
  }
}

type StoredIndex = { readonly name: string; readonly sql: string }

function storedIndexes(database: Libsql.Database): readonly StoredIndex[] {
  const sql = `select name, sql from sqlite_schema where type = 'index' and sql not like 'create unique %'`
  return database.prepare(sql).all([]) as readonly StoredIndex[]
}

function indexChanges(
  stored: readonly StoredIndex[],
  wanted: NonNullable<DatabaseSchema['indexes']>,
): readonly string[] {
  const sqlOf = (name: string) => `CREATE INDEX ${name} on ${wanted[name]}`
  const isWanted = ({ name, sql }: StoredIndex) => name in wanted && sql === sqlOf(name)
  const current = new Set(stored.filter(isWanted).map(({ name }) => name))
  const dropped = stored.filter(({ name }) => !current.has(name)).map(({ name }) => `drop index ${name}`)
  const names = Object.keys(wanted).filter((name) => !current.has(name))
  return [...dropped, ...names.map(sqlOf)]
}

/** The error for data in another format, with a hint how to continue. */
export function otherFormat(what: string, found: number, expected: number, other = FOLDER): InvalidError {
  const isOlder = found < expected
  const written = `was written by ${isOlder ? 'an older' : 'a newer'} release of antiphon`
  const goOn = isOlder ? 'Finish the runs in it' : 'Continue'
  return new InvalidError(`${what} ${written}: expected format ${expected}, found ${found === 0 ? 'none' : found}.`, {
    hint: `${goOn} with the release that wrote it, or give a new ${other}.`,
  })
}

const FOLDER = 'folder with --data DIR'
