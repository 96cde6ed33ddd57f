import type Libsql from 'libsql'
import type { Value } from './database.ts'

/** Rows that one statement takes at a time: one by one each costs half as much again. */
const AT_ONCE = 8

/** Puts rows to a statement, in their order. */
export type PutRows = (rows: readonly (readonly Value[])[]) => void

export function preparePut(database: Libsql.Database, sql: string): PutRows {
  const one = database.prepare(sql)
  const wide = widened(sql)
  let many: Libsql.Statement | undefined
  return (rows) => {
    let next = 0
    if (wide !== undefined)
      for (; next + AT_ONCE <= rows.length; next += AT_ONCE) {
        many ??= database.prepare(wide)
        many.run(rows.slice(next, next + AT_ONCE).flat())
      }
    for (; next < rows.length; next++) one.run([...rows[next]!])
  }
}

/** The statement for several rows; undefined when it does not insert what it is given. */
function widened(sql: string): string | undefined {
  const [values, row] = /values(\(\?(?:, \?)*\))/.exec(sql) ?? []
  return values && sql.replace(values, () => `values${Array(AT_ONCE).fill(row).join()}`)
}
