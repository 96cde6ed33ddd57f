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
