import { isUtf8 } from 'node:buffer'
import type Libsql from 'libsql'

/** Whether a table holds a text whose bytes are none: libSQL ends the process that reads it, so what may be damaged is asked this first. */
export function hasBrokenText(database: Libsql.Database, table: string): boolean {
  const columns = database.prepare(`pragma table_info("${table}")`).all([]) as { readonly name: string }[]
  if (columns.length === 0) return false
  const bytes = columns.map(({ name }) => `cast("${name}" as blob)`)
  const rows = database.prepare(`select ${bytes} from "${table}"`).raw().iterate([]) as Iterable<
    readonly (Buffer | null)[]
  >
  for (const row of rows) if (row.some((value) => value !== null && !isUtf8(value))) return true
  return false
}
