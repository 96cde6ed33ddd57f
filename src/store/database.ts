import Libsql from 'libsql'
import { CancelledError } from '../errors.ts'
import { createPrivateFile } from './private.ts'
import type { WriterOptions } from './writer.ts'
import { copyingAhead, type Place, writeHere, writeInThread, writeWhereItIsQuick } from './writing.ts'

export type Value = string | number | null
/** Rows for one of the prepared statements. */
export type Rows = readonly [statement: string, rows: readonly (readonly Value[])[]]
/** One transaction: a numbered row of the log (its text, and the ids it tells of), and rows for tables. */
export type Write = {
  readonly seq: number
  readonly log: string
  readonly ids?: string
  readonly rows?: readonly Rows[]
}

/** One file, one writer. Writes are transactions in the order given, each durable before `onWritten` tells its number. */
export interface Database {
  write(write: Write): void
  onWritten(listener: (seq: number) => void): void
  /** After a failed write nothing later is written. */
  onFailed(listener: (error: Error) => void): void
  /** Reads what is committed. A CancelledError `stopped` when it is closed. */
  all<Row>(sql: string, parameters?: readonly Value[]): readonly Row[]
  /** The first row of what is committed; the others are not looked for. */
  first<Row>(sql: string, parameters?: readonly Value[]): Row | undefined
  /** May be called twice. */
  close(): Promise<void>
}

export type DatabaseOptions = WriterOptions & {
  /** main: in this thread, the shortest way · thread: in one of its own, which never blocks this one · absent: here as long as the disk is quick */
  readonly writer?: 'thread' | 'main'
}

/** Opens (and creates, and migrates) the file. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  createPrivateFile(options.path)
  const writer = copyingAhead(await openPlace(options), options.path)
  const reader = new Libsql(options.path)
  const statements = new Map<string, Libsql.Statement>()
  let isOpen = true
  const prepare = (sql: string) => {
    if (!isOpen) throw new CancelledError('the data folder was given up, and is no longer read', { code: 'stopped' })
    const statement = statements.get(sql) ?? reader.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  let closed: Promise<void> | undefined
  const close = async () => {
    await writer.close()
    isOpen = false
    reader.close()
  }
  return {
    ...writer,
    all: <Row>(sql: string, parameters: readonly Value[] = []) => prepare(sql).all([...parameters]) as Row[],
    first: <Row>(sql: string, parameters: readonly Value[] = []) =>
      prepare(sql).get([...parameters]) as Row | undefined,
    close() {
      closed ??= close()
      return closed
    },
  }
}

function openPlace({ writer, ...options }: DatabaseOptions): Place | Promise<Place> {
  if (writer === 'main') return writeHere(options)
  return writer === 'thread' ? writeInThread(options) : writeWhereItIsQuick(options)
}
