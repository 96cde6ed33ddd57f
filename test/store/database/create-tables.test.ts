import Libsql from 'libsql'
import { expect, test } from 'vitest'
import { createTables } from '../../../src/store/database/create-tables.ts'

const TABLES = { format: 3, sql: 'create table row(a, b); create unique index row_all on row(a, b)' }
const indexesIn = (database: Libsql.Database) =>
  database.prepare(`select name, sql from sqlite_schema where type = 'index' order by name`).raw().all([])

test('indexes become those that are declared, and rows and tables stay', () => {
  const database = new Libsql(':memory:')
  createTables(database, { ...TABLES, indexes: { row_a: 'row(a)', row_b: 'row(b)' } })
  database.exec('insert into row values(1, 2)')
  const all = 'CREATE UNIQUE INDEX row_all on row(a, b)'
  expect(indexesIn(database)).toEqual([
    ['row_a', 'CREATE INDEX row_a on row(a)'],
    ['row_all', all],
    ['row_b', 'CREATE INDEX row_b on row(b)'],
  ])
  createTables(database, { ...TABLES, indexes: { row_b: 'row(b) where b > 1', row_c: 'row(a, b)' } })
  const changed = [
    ['row_all', all],
    ['row_b', 'CREATE INDEX row_b on row(b) where b > 1'],
    ['row_c', 'CREATE INDEX row_c on row(a, b)'],
  ]
  expect(indexesIn(database)).toEqual(changed)
  createTables(database, TABLES)
  expect(indexesIn(database)).toEqual(changed)
  expect(database.prepare('select * from row').raw().all([])).toEqual([[1, 2]])
  database.close()
})

test('a file of another format is refused, and keeps its number', () => {
  const database = new Libsql(':memory:')
  createTables(database, TABLES)
  const formatOf = () => database.prepare('pragma user_version').raw().all([])
  expect(formatOf()).toEqual([[3]])
  for (const format of [2, 4])
    expect(() => createTables(database, { ...TABLES, format })).toThrow(/written by .* release/)
  expect(formatOf()).toEqual([[3]])
  database.close()
})
