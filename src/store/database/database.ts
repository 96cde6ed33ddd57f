/**
 * Storage, beneath the engines. This folder is a libSQL file with one writer; `blobs/` holds values by their hash,
 * `cache/` results of steps, `data-folder/` the ownership of a folder, `backup/` copies, and `wal/` reads the log of
 * a database. Nothing here knows what an actor is.
 */

export type Value = string | number | null
export type Rows = readonly [statement: string, rows: readonly (readonly Value[])[]]
/** One transaction: a numbered log row (its text and its ids), and rows for tables. */
export type Write = {
  readonly seq: number
  readonly log: string
  readonly ids?: string
  readonly rows?: readonly Rows[]
}

/** A database file with one writer. Writes are transactions in order; each is durable when `onWritten` says so. */
export interface Database {
  write(write: Write): void
  onWritten(listener: (seq: number) => void): void
  /** After a failed write, no later write is executed. */
  onFailed(listener: (error: Error) => void): void
  /** Reads committed data. CancelledError `stopped` after close. */
  all<Row>(sql: string, parameters?: readonly Value[]): readonly Row[]
  /** The first row of the committed data. */
  first<Row>(sql: string, parameters?: readonly Value[]): Row | undefined
  /** Idempotent. */
  close(): Promise<void>
}
