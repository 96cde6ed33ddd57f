import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type LibsqlEngine, type LibsqlOptions, libsqlEngine } from '../../../src/engine/libsql/engine.ts'
import { SCHEMA, STATEMENTS, schemaWith } from '../../../src/engine/libsql/tables/schema.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { openDatabase } from '../../../src/store/database/open.ts'

/** Where a database may lie until the test is over. */
export function createPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-libsql-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'engine.db')
}

type Options = Omit<LibsqlOptions, 'database'> & {
  /** Puts something between the engine and its database. */
  readonly between?: (database: Database) => Database
}

/** An engine over that file, which it writes itself; stopped when the test is over, if it was not before. */
export async function openEngine(
  path: string,
  { between = (database) => database, ...options }: Options,
): Promise<LibsqlEngine> {
  const schema = options.indexes ? schemaWith(options.indexes) : SCHEMA
  const given = { path, schema, statements: STATEMENTS, synchronous: 'FULL', writer: 'main' } as const
  const engine = libsqlEngine({ ...options, database: between(await openDatabase(given)) })
  onTestFinished(() => engine.stop({ grace: 0 }))
  return engine
}
