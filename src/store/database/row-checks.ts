import { isUtf8 } from 'node:buffer'
import type Libsql from 'libsql'
import { logChecksum, rowChecksum } from './checked-row.ts'

/** The columns by which a row is named, and those that each of its checksums covers. */
type Checked = { readonly key: readonly string[]; readonly sums: { readonly [sum: string]: readonly string[] } }

const TABLES: { readonly [table: string]: Checked } = {
  cell: {
    key: ['name'],
    sums: {
      name_sum: ['name'],
      sum: ['name', 'index_fields', 'cell'],
      index_sum: ['name', 'index_fields'],
      inlined_sum: ['name', 'inlined'],
    },
  },
  part: { key: ['actor', 'name'], sums: { sum: ['actor', 'name', 'value'] } },
  event: { key: ['actor', 'n'], sums: { sum: ['actor', 'n', 'correlation_id', 'body'] } },
  mail: { key: ['n', 'id'], sums: { sum: ['n', 'id', 'head'], body_sum: ['n', 'id', 'body'] } },
  outcome: { key: ['message', 'name'], sums: { sum: ['message', 'name', 'outcome'] } },
  idempotency: { key: ['seq'], sums: { sum: ['seq', 'ids'] } },
  dead_letter: { key: ['id'], sums: { sum: ['id', 'letter'] } },
  boot: { key: ['only'], sums: { sum: ['record'] } },
  meta: { key: ['name'], sums: { sum: ['value'] } },
}

/** The values of a row by column, as bytes. */
type Row = { readonly [column: string]: Buffer | null }

/** How many rows the tables have, and the names of those that are not as they were written. */
export function checkRows(database: Libsql.Database): { readonly rows: number; readonly damaged: readonly string[] } {
  const damaged: string[] = []
  let rows = 0
  for (const table of [...Object.keys(TABLES), 'log'])
    for (const row of readRows(database, table)) {
      rows++
      if (!isWhole(table, row)) damaged.push(nameIn(table, row))
    }
  return { rows, damaged }
}

function isWhole(table: string, row: Row): boolean {
  const sums = TABLES[table]?.sums
  if (!sums) return isWholeLog(row)
  return Object.entries(sums).every(([sum, columns]) => isSum(row, sum, columns))
}

function isSum(row: Row, sum: string, columns: readonly string[]): boolean {
  const written = numberIn(row[sum])
  if (written === undefined) return false
  if (written === 0 && !row[columns.at(-1)!]) return true
  // what is no text has another checksum than its replacement
  return rowChecksum(columns.map((column) => row[column]?.toString() ?? null)) === written
}

function isWholeLog({ seq, data, ids, sum, ids_sum }: Row): boolean {
  if (!data) return false
  const areIdsWhole = !ids || rowChecksum([Number(seq), ids.toString()]) === numberIn(ids_sum)
  return areIdsWhole && logChecksum(data, ids ?? null, Number(seq)) === numberIn(sum)
}

const isText = (bytes: Buffer | null | undefined) => !bytes || isUtf8(bytes)
const numberIn = (bytes: Buffer | null | undefined) => (bytes ? Number(bytes.toString()) : undefined)

function nameIn(table: string, row: Row): string {
  const { key } = TABLES[table] ?? { key: ['seq'] }
  return [table, ...key.map((column) => JSON.stringify(row[column]?.toString() ?? null).slice(1, -1))].join(' ')
}

/** The names of the columns of a table; none when there is no such table. */
export function columnsOf(database: Libsql.Database, table: string): readonly string[] {
  const sql = 'select name, type from pragma_table_info(?)'
  return (database.prepare(sql).all([table]) as { name: string }[]).map(({ name }) => name)
}

function* readRows(database: Libsql.Database, table: string): Generator<Row> {
  const columns = columnsOf(database, table)
  if (columns.length === 0) return
  const bytes = columns.map((column) => `cast("${column}" as blob)`)
  const rows = database.prepare(`select ${bytes} from "${table}"`).raw().iterate([])
  for (const row of rows as Iterable<readonly (Buffer | null)[]>)
    yield Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null]))
}

/**
 * Whether a table holds a text that is not UTF-8. libSQL ends the process that reads such a text, so a table that may be damaged is checked
 * first.
 */
export function hasBrokenText(database: Libsql.Database, table: string): boolean {
  for (const row of readRows(database, table)) if (!Object.values(row).every(isText)) return true
  return false
}

/** SQLite's code of a damaged file. */
const SQLITE_CORRUPT = 11

/** Whether an error says that the file's structure is damaged where it was read: SQLite's code, and what it adds in the higher bytes. */
export function isCorrupt(error: unknown): boolean {
  const { rawCode } = (error ?? {}) as { readonly rawCode?: unknown }
  return typeof rawCode === 'number' && rawCode % 256 === SQLITE_CORRUPT
}
