import type Libsql from 'libsql'
import { rowChecksum } from './checked-row.ts'
import type { Value } from './database.ts'

/** Rows per statement. Single-row statements cost 1.5 times as much per row. */
const ROWS_PER_STATEMENT = 8

/** Executes a statement for each row, in order. */
type InsertRows = (rows: readonly (readonly Value[])[]) => void

/** Prepares a statement. `sum(1, 3)` becomes the checksum of the first and third value, 0 if the last is null. */
export function prepareInsert(database: Libsql.Database, statement: string): InsertRows {
  const { sql, valuesOf } = withSums(statement)
  const one = database.prepare(sql)
  const wide = widened(sql)
  let many: Libsql.Statement | undefined
  return (rows) => {
    let next = 0
    if (wide !== undefined)
      for (; next + ROWS_PER_STATEMENT <= rows.length; next += ROWS_PER_STATEMENT) {
        many ??= database.prepare(wide)
        many.run(rows.slice(next, next + ROWS_PER_STATEMENT).flatMap(valuesOf))
      }
    for (; next < rows.length; next++) one.run(valuesOf(rows[next]!))
  }
}

type Summed = { readonly sql: string; readonly valuesOf: (row: readonly Value[]) => Value[] }

function withSums(statement: string): Summed {
  const sums: (readonly number[])[] = []
  const sql = statement.replace(/sum\(([\d, ]+)\)/g, (_, places: string) => {
    sums.push(places.split(',').map((place) => Number(place) - 1))
    return '?'
  })
  return {
    sql,
    valuesOf(row) {
      const values = [...row]
      for (const places of sums) values.push(sumIn(row, places))
      return values
    },
  }
}

function sumIn(row: readonly Value[], places: readonly number[]): number {
  return row[places.at(-1)!] === null ? 0 : rowChecksum(places.map((place) => row[place]!))
}

/** The statement for several rows. Undefined if it is not a plain insert. */
function widened(sql: string): string | undefined {
  const [values, row] = /values(\(\?(?:, \?)*\))/.exec(sql) ?? []
  return values && sql.replace(values, () => `values${Array(ROWS_PER_STATEMENT).fill(row).join()}`)
}
