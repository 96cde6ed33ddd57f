import Libsql from 'libsql'
import { createTables } from '../../store/database/create-tables.ts'
import { createPrivateFile } from '../../store/files/private.ts'
import type { MemoryChange } from '../memory.ts'
import { MEMORY_SCHEMA } from './schema.ts'

export type SqlValue = string | number | null | Buffer

/**
 * A connection to the records of all owners. On a server a read is a request and a transaction is another one, so all
 * reads of a transaction come before its first write, and only SQL sees what it wrote (`last_insert_rowid()`,
 * `changes()`, subselects).
 */
export interface MemoryConnection {
  /** Writes. Outside a transaction the statement must change nothing when it runs again. */
  run(sql: string, values?: readonly SqlValue[]): void
  all<Row>(sql: string, values?: readonly SqlValue[]): readonly Row[]
  first<Row>(sql: string, values?: readonly SqlValue[]): Row | undefined
  /** The same query for several lists of values, in one request. */
  allOf<Row>(sql: string, values: readonly (readonly SqlValue[])[]): readonly (readonly Row[])[]
  /**
   * Runs the work as one transaction, which is on disk when this returns. It reads and writes rows of this owner only.
   * It may run more than once, so it changes nothing but rows. @throws Error for a read after a write
   */
  transaction<Result>(owner: number, work: () => Result): Result
  /** Places with erased bytes that it does not reach, for reports. */
  readonly unreached: readonly string[]
  /** Moves the write-ahead log into the file and empties it. False while another connection reads. */
  truncateLog(): boolean
  close(): void
}

const LOCK_TIMEOUT_MS = 5_000
/** Time for readers to end before a log is emptied, in ms. Other writes wait meanwhile. */
const READER_TIMEOUT_MS = 100

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
  let hasWritten = false
  const query = (sql: string) => {
    if (hasWritten) throw readAfterWrite(sql)
    return prepare(sql)
  }
  const all = <Row>(sql: string, values: readonly SqlValue[] = []) => query(sql).all([...values]) as Row[]
  return {
    unreached: [],
    run(sql, values = []) {
      prepare(sql).run([...values])
      hasWritten = database.inTransaction
    },
    all,
    first: <Row>(sql: string, values: readonly SqlValue[] = []) => query(sql).get([...values]) as Row | undefined,
    allOf: <Row>(sql: string, values: readonly (readonly SqlValue[])[]) => values.map((each) => all<Row>(sql, each)),
    transaction(owner, work) {
      database.exec('begin immediate')
      try {
        const result = work()
        if (hasWritten) prepare('update owner set version = version + 1 where number = ?').run([owner])
        database.exec('commit')
        return result
      } finally {
        hasWritten = false
        if (database.inTransaction) database.exec('rollback')
      }
    },
    truncateLog() {
      database.exec(`pragma busy_timeout=${READER_TIMEOUT_MS}`)
      const { busy } = database.prepare('pragma wal_checkpoint(TRUNCATE)').get([]) as { readonly busy: number }
      database.exec(`pragma busy_timeout=${LOCK_TIMEOUT_MS}`)
      return busy === 0
    },
    close: () => database.close(),
  }
}

/** The error for a query after a write of the same transaction: a bug in the store. */
export const readAfterWrite = (sql: string) =>
  new Error(`A transaction reads before it writes, and this query comes after a write: ${sql}`)

/** The number of an owner's next change, read before a transaction writes. */
export function nextChange(connection: MemoryConnection, owner: number): number {
  const last = 'select max(number) number from change where owner = ?'
  return (connection.first<{ readonly number: number | null }>(last, [owner])?.number ?? 0) + 1
}

type NewChange = Pick<MemoryChange, 'at' | 'type' | 'cause' | 'count' | 'undoes'> & { readonly number: number }

/** Writes a change. `noteChanged` adds its records. */
export function noteChange(
  connection: MemoryConnection,
  owner: number,
  { number, at, type, cause, count, undoes }: NewChange,
): void {
  connection.run('insert into change(owner, number, at, type, cause, count, undoes) values(?, ?, ?, ?, ?, ?, ?)', [
    owner,
    number,
    at,
    type,
    JSON.stringify(cause),
    count,
    undoes ?? null,
  ])
}

export function noteChanged(
  connection: MemoryConnection,
  owner: number,
  change: number,
  rids: readonly number[],
): void {
  for (const rid of rids)
    connection.run('insert into change_record(owner, change, rid) values(?, ?, ?)', [owner, change, rid])
}
