import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import { onTestFinished } from 'vitest'
import { type LibsqlEngine, type LibsqlOptions, libsqlEngine } from '../../../src/engine/libsql/engine.ts'
import { SCHEMA, STATEMENTS } from '../../../src/engine/libsql/tables/schema.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { openDatabase } from '../../../src/store/database/open.ts'

/** Where a database may lie until the test is over. */
export function createPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-libsql-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'engine.db')
}

/** A file as an engine of that version of the tables left it when it was killed. */
export function writeVersion(version: 1 | 3): string {
  const path = createPath()
  const database = new Libsql(path)
  database.exec(readFileSync(join(import.meta.dirname, `version-${version}`, 'engine.sql'), 'utf8'))
  database.close()
  return path
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
  const given = { path, schema: SCHEMA, statements: STATEMENTS, synchronous: 'FULL', writer: 'main' } as const
  const engine = libsqlEngine({ ...options, database: between(await openDatabase(given)) })
  onTestFinished(() => engine.stop({ grace: 0 }))
  return engine
}
