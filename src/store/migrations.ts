import type Libsql from 'libsql'
import { InvalidError } from '../errors.ts'

/** Brings a file to the newest version of its schema, forward only, each version in a transaction of its own; a new file gets all at once. */
export function migrate(database: Libsql.Database, schema: readonly string[]): void {
  const { user_version: version } = database.prepare('pragma user_version').get([]) as { user_version: number }
  if (version > schema.length)
    throw new InvalidError(
      `the data folder was written by a newer version of antiphon (schema ${version}, this one knows ${schema.length})`,
      { hint: 'Go on with that version, or give another folder with --data DIR.' },
    )
  const steps = schema.map((step, index) => `${step}; pragma user_version=${index + 1}`).slice(version)
  // each transaction waits for the disk
  const transactions = version === 0 ? [steps.join('; ')] : steps
  for (const one of transactions) database.exec(`begin; ${one}; commit`)
}
