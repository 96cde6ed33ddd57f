import type { AddOptions, RecordCitation } from '../../memory.ts'
import type { MemoryConnection } from '../connection.ts'

/** Answers that `get` shows of a record. */
const MAX_SHOWN = 100

/** Notes which records an answer cites, once. A record that is gone is left out. */
export function noteCitations(
  connection: MemoryConnection,
  owner: number,
  { ask, thread, records }: NonNullable<AddOptions['cites']>,
  at: number,
): void {
  connection.run(
    `insert or ignore into cited(rid, ask, thread, at) select rid, ?, ?, ? from record
     where owner = ? and id in (select value from json_each(?)) and withdrawn_at is null and erasure is null`,
    [ask, thread, at, owner, JSON.stringify(records)],
  )
}

/** The newest answers that cite a record. */
export function citationsOf(connection: MemoryConnection, rid: number): readonly RecordCitation[] {
  const sql = 'select ask, thread, at from cited where rid = ? order by at desc, ask limit ?'
  return connection.all<RecordCitation>(sql, [rid, MAX_SHOWN])
}
