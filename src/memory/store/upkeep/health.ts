import { openConnection } from '../connection.ts'
import { READABLE } from '../filter.ts'

/** Counts of all memories in a file. */
type FileHealth = { readonly records: number; readonly quarantined: number; readonly pending: number }

/** Reads how many records of a file are damaged, and how many erasures wait, for all owners. */
export function readHealth(path: string): FileHealth {
  const connection = openConnection(path, 'read')
  try {
    return connection.first<FileHealth>(
      `select count(*) records, ifnull(sum(not (${READABLE})), 0) quarantined,
       (select count(*) from erasure where status = 'pending') pending from record r where r.erasure is null`,
    )!
  } finally {
    connection.close()
  }
}
