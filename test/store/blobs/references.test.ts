import Libsql from 'libsql'
import { expect, onTestFinished, test } from 'vitest'
import { referencesIn } from '../../../src/store/blobs/gc.ts'

const [A, B, C] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string]

function databaseWith(...texts: readonly string[]): Libsql.Database {
  const database = new Libsql(':memory:')
  onTestFinished(() => void database.close())
  database.exec('create table one(text text); create table two(number integer, text text)')
  for (const text of texts) {
    database.prepare('insert into one values(?)').run([text])
    database.prepare('insert into two values(1, ?)').run([`${text} in another table`])
  }
  return database
}

test('all hashes of a text are found, wherever they stand', () => {
  expect(referencesIn(databaseWith(A))).toEqual(new Set([A]))
  expect(referencesIn(databaseWith(`{"a":"${A}","b":["${B}","${C}"]}`))).toEqual(new Set([A, B, C]))
})

test('a text that is shorter or longer than a hash is not one, and hides none', () => {
  const longer = 'f'.repeat(65)
  expect(referencesIn(databaseWith(A.slice(1), longer, `${longer} ${A}`))).toEqual(new Set([A]))
})
