import Libsql from 'libsql'
import { expect, onTestFinished, test } from 'vitest'
import { createActivation } from '../../../../src/engine/libsql/activation/activation.ts'
import { partReader } from '../../../../src/engine/libsql/tables/parts.ts'
import { SCHEMA, STATEMENTS } from '../../../../src/engine/libsql/tables/schema.ts'
import { prepareInsert } from '../../../../src/store/database/insert-rows.ts'
import { openDatabase } from '../../../../src/store/database/open.ts'
import { createPath } from '../open.ts'

const BESIDE = JSON.stringify({
  parts: [
    ['a', 1],
    ['b', { deep: ['ü"'] }],
  ],
  events: [],
})

/** Actors at rest and the statements their parts are read by: those of near/x lie beside its cell, those of far/x in rows. */
async function open() {
  const path = createPath()
  const options = { path, schema: SCHEMA, statements: STATEMENTS, synchronous: 'NORMAL', writer: 'main' } as const
  const database = await openDatabase(options)
  onTestFinished(() => database.close())
  const writer = new Libsql(path)
  prepareInsert(writer, STATEMENTS.cell)([['near/x', '{}', null, BESIDE]])
  prepareInsert(
    writer,
    STATEMENTS.part,
  )([
    ['far/x', 'a', '3'],
    ['far/x', 'b', '{"deep":4}'],
  ])
  writer.close()
  const reads: string[] = []
  const counted: Pick<typeof database, 'all' | 'first'> = {
    all: (sql, given) => {
      reads.push(sql)
      return database.all(sql, given)
    },
    first: (sql, given) => {
      reads.push(sql)
      return database.first(sql, given)
    },
  }
  return { reads, database: { ...database, ...counted } }
}

/** An actor that is at rest since it was written. */
const atRest = (name: string) => createActivation(name, undefined, true, name.startsWith('near'))

test.each([
  ['beside the cell', 'near/x', [1, { deep: ['ü"'] }, undefined]],
  ['in rows', 'far/x', [3, { deep: 4 }, undefined]],
])('parts %s that are asked for at once are read by one statement, a later one by another', async (_, name, values) => {
  const { database, reads } = await open()
  const part = partReader(database, atRest(name))
  expect(await Promise.all(['a', 'b', 'none'].map(part))).toEqual(values)
  expect(reads.length).toBe(1)
  expect(await part('b')).toEqual(values[1])
  expect(reads.length).toBe(2)
})

test('parts that are in memory are not read: changed ones, removed ones, and all of an actor without rows', async () => {
  const { database, reads } = await open()
  const resident = atRest('near/x')
  resident.unsaved.parts.set('a', 2).set('b', null)
  const part = partReader(database, resident)
  expect(await Promise.all([part('a'), part('b')])).toEqual([2, undefined])
  expect(await partReader(database, createActivation('new/x', undefined, false))('a')).toBeUndefined()
  expect(reads).toEqual([])
})

test('a part that was stored beside the cell is found in its rows once it has some', async () => {
  const { database } = await open()
  const part = partReader(database, createActivation('far/x', undefined, true, true))
  expect(await Promise.all([part('a'), part('b')])).toEqual([3, { deep: 4 }])
})
