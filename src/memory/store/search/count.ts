import type { MemoryConnection, SqlValue } from '../connection.ts'

const LIVE = 'withdrawn_at is null and erasure is null'
// another index would read each row
const KNOWN = `select (select count(*) from record indexed by record_embedded where owner = ? and ${LIVE})
  - (select count(*) from record where owner = ? and proposed = 1 and ${LIVE}) records`

/** The records of an owner that are known: accepted, and neither withdrawn nor erased. Reads indexes alone. */
export function countKnown(connection: MemoryConnection, owner: number): number {
  return connection.first<{ readonly records: number }>(KNOWN, [owner, owner])!.records
}

/** A condition on the table `record` as `r`, and its values. */
type Condition = { readonly sql: string; readonly values: readonly SqlValue[] }

/** How many live records inside a condition a model has not read. Reads those alone. */
export function countUnread(
  connection: MemoryConnection,
  owner: number,
  model: string,
  { sql, values }: Condition,
): number {
  const range = (compared: string) =>
    `select rid from record indexed by record_embedded where owner = ? and embedded ${compared} ? and ${LIVE}`
  // a cross join: SQLite would else begin with the condition, and read all records of the owner
  const among = `(${range('<')} union all ${range('>')}) u cross join record r on r.rid = u.rid`
  return connection.first<{ readonly unread: number }>(`select count(*) unread from ${among} where ${sql}`, [
    ...[owner, model, owner, model],
    ...values,
  ])!.unread
}
