import type Libsql from 'libsql'
import { InvalidError } from '../errors.ts'

/** Brings a file to the newest version of its schema, forward only, each version in a transaction of its own. */
export function migrate(database: Libsql.Database, schema: readonly string[]): void {
  const { user_version: version } = database.prepare('pragma user_version').get([]) as { user_version: number }
  if (version > schema.length)
    throw new InvalidError(
      `the data folder was written by a newer version of antiphon (schema ${version}, this one knows ${schema.length})`,
    )
  for (const [index, step] of schema.entries()) {
    if (index < version) continue
    database.exec(`begin; ${step}; pragma user_version=${index + 1}; commit`)
  }
}
