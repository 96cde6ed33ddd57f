import type { MemoryChange } from '../memory.ts'
import type { MemoryConnection } from './connection.ts'

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
