import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import Libsql from 'libsql'
import { TerminalError } from '../errors.ts'
import { frame } from './frame.ts'
import { openWriter, type Told, type WriterOptions } from './writer.ts'

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
  /** Reads what is committed. */
  all<Row>(sql: string, parameters?: readonly Value[]): readonly Row[]
  /** May be called twice. */
  close(): Promise<void>
}

export type DatabaseOptions = WriterOptions & {
  /** thread: commits never block the event loop · main: in this thread, for short-lived tools and tests */
  readonly writer?: 'thread' | 'main'
}

/** Opens (and creates, and migrates) the file. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const writer = options.writer === 'main' ? writeHere(options) : await writeInThread(options)
  const reader = new Libsql(options.path)
  const statements = new Map<string, Libsql.Statement>()
  const prepare = (sql: string) => {
    const statement = statements.get(sql) ?? reader.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  let closed: Promise<void> | undefined
  const close = async () => {
    await writer.close()
    reader.close()
  }
  return {
    ...writer,
    all: <Row>(sql: string, parameters: readonly Value[] = []) => prepare(sql).all([...parameters]) as Row[],
    close() {
      closed ??= close()
      return closed
    },
  }
}

type Writing = Pick<Database, 'write' | 'onWritten' | 'onFailed' | 'close'>

function writeHere(options: WriterOptions): Writing {
  const writer = openWriter(options)
  let written = (_seq: number) => {}
  let failed = (_error: Error) => {}
  return {
    write(write) {
      try {
        writer.write(write)
      } catch (error) {
        failed(error as Error)
        return
      }
      setImmediate(() => written(write.seq))
    },
    onWritten: (listener) => (written = listener),
    onFailed: (listener) => (failed = listener),
    close: async () => writer.close(),
  }
}

async function writeInThread(options: WriterOptions): Promise<Writing> {
  const { path, schema, statements, synchronous } = options
  const entry = new URL(`./writer${extname(import.meta.url)}`, import.meta.url)
  const worker = new Worker(entry, { workerData: { path, schema, statements, synchronous } })
  await started(worker)
  let failed = (_error: Error) => {}
  let closing = false
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  worker.on('error', (error) => failed(error))
  worker.on('exit', (code) => closing || failed(new TerminalError(`the database writer ended with code ${code}`)))
  return {
    write: (write) => worker.postMessage(frame(write)),
    onWritten: (listener) => worker.on('message', (told: Told) => typeof told === 'number' && listener(told)),
    onFailed(listener) {
      failed = listener
      worker.on(
        'message',
        (told: Told) => typeof told === 'object' && listener(new TerminalError(told.failed, { code: told.code })),
      )
    },
    async close() {
      closing = true
      worker.postMessage(null)
      await ended
    },
  }
}

function started(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
  })
}
