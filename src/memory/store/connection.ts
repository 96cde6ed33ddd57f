import Libsql from 'libsql'
import { createTables } from '../../store/database/create-tables.ts'
import { createPrivateFile } from '../../store/files/private.ts'
import { MEMORY_SCHEMA } from './schema.ts'

/** A value of a statement. */
export type SqlValue = string | number | null | Buffer

/** A connection to memory.db. Statements are prepared once. */
export interface MemoryConnection {
  run(
    sql: string,
    values?: readonly SqlValue[],
  ): { readonly changes: number; readonly lastInsertRowid: number | bigint }
  all<Row>(sql: string, values?: readonly SqlValue[]): readonly Row[]
  first<Row>(sql: string, values?: readonly SqlValue[]): Row | undefined
  /** Runs the work as one transaction, which is on disk when this returns. */
  transaction<Result>(work: () => Result): Result
  /** Moves the write-ahead log into the file and empties it. False while another connection reads. */
  truncateLog(): boolean
  close(): void
}

const LOCK_TIMEOUT_MS = 5_000

/** Opens the file; the writer creates it. @throws InvalidError for a file of another format */
export function openConnection(path: string, role: 'write' | 'read'): MemoryConnection {
  if (role === 'write') createPrivateFile(path)
  const database = new Libsql(path, { timeout: LOCK_TIMEOUT_MS })
  try {
    if (role === 'write') database.exec('pragma journal_mode=WAL')
    database.exec('pragma synchronous=FULL')
    database.exec('pragma secure_delete=on')
    createTables(database, MEMORY_SCHEMA)
  } catch (error) {
    database.close()
    throw error
  }
  const statements = new Map<string, Libsql.Statement>()
  const prepare = (sql: string) => {
    const statement = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  return {
    run: (sql, values = []) => prepare(sql).run([...values]),
    all: <Row>(sql: string, values: readonly SqlValue[] = []) => prepare(sql).all([...values]) as Row[],
    first: <Row>(sql: string, values: readonly SqlValue[] = []) => prepare(sql).get([...values]) as Row | undefined,
    transaction(work) {
      database.exec('begin immediate')
      try {
        const result = work()
        database.exec('commit')
        return result
      } finally {
        if (database.inTransaction) database.exec('rollback')
      }
    },
    truncateLog() {
      const { busy } = database.prepare('pragma wal_checkpoint(TRUNCATE)').get([]) as { readonly busy: number }
      return busy === 0
    },
    close: () => database.close(),
  }
}
