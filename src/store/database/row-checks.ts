import { isUtf8 } from 'node:buffer'
import type Libsql from 'libsql'
import { endIfStopped } from '../unbroken-call.ts'
import { logChecksum, rowChecksum } from './checked-row.ts'

/** The columns that identify a row, and the columns that each of its checksums covers. */
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

type Row = { readonly [column: string]: Buffer | null }

/** Counts the rows and lists those with a wrong checksum. */
export function checkRows(database: Libsql.Database): { readonly rows: number; readonly damaged: readonly string[] } {
  const damaged: string[] = []
  let rows = 0
  for (const table of [...Object.keys(TABLES), 'log'])
    for (const row of readRows(database, table)) {
      endIfStopped()
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
  // the replacement of invalid text changes the checksum
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

/** The column names of a table; empty if it does not exist. */
function columnsOf(database: Libsql.Database, table: string): readonly string[] {
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

/** Whether a table contains invalid UTF-8. libSQL aborts when it reads such a text, so this check comes first. */
export function hasBrokenText(database: Libsql.Database, table: string): boolean {
  for (const row of readRows(database, table)) if (!Object.values(row).every(isText)) return true
  return false
}

const SQLITE_CORRUPT = 11

/** Whether SQLite reports structural damage: its code, with details in the higher bytes. */
export function isCorrupt(error: unknown): boolean {
  const { rawCode } = (error ?? {}) as { readonly rawCode?: unknown }
  return typeof rawCode === 'number' && rawCode % 256 === SQLITE_CORRUPT
}
