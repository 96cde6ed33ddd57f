import { BusyError } from '../../../errors.ts'
import type { MemoryConnection } from '../connection.ts'

/**
 * * Erases what is left of an owner after `forget`: its history, records that no query sees, and its name. It may be
 * repeated.
 * @throws BusyError while a reader keeps the log: repeat it then
 */
export function forgetOwner(connection: MemoryConnection, owner: number): void {
  // whatever parts of memory store of an owner: each such table has this column
  const tables = connection.all<{ readonly name: string }>(
    `select m.name from sqlite_schema m, pragma_table_info(m.name) c where m.type = 'table' and c.name = 'owner'`,
  )
  connection.transaction(owner, () => {
    // also of records that an import has not shown yet
    for (const table of ['fact_end where rid', 'cited where rid', 'words where rowid'])
      connection.run(`delete from ${table} in (select rid from record where owner = ?)`, [owner])
    for (const { name } of tables) connection.run(`delete from "${name}" where owner = ?`, [owner])
    connection.run('delete from owner where number = ?', [owner])
  })
  if (!connection.truncateLog()) throw new BusyError('memory.db is being read, so deleted bytes are in its log.')
}
