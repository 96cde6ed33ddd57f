import Libsql from 'libsql'
import { expect, onTestFinished, test } from 'vitest'
import { createIdempotencyIndex } from '../../../../src/engine/libsql/idempotency.ts'
import { createReleaseQueue } from '../../../../src/engine/libsql/release-queue.ts'
import { hashId } from '../../../../src/engine/libsql/stored/hash-index.ts'
import { SCHEMA, STATEMENTS } from '../../../../src/engine/libsql/tables/schema.ts'
import { rowChecksum } from '../../../../src/store/database/checked-row.ts'
import { openDatabase } from '../../../../src/store/database/open.ts'
import { simulatedClock } from '../../../../src/testing/index.ts'
import { createPath } from '../open.ts'

const HOUR = 3_600_000
const ROWS = 200
/** A reply that makes the rows more than one page. */
const LONG = 'x'.repeat(2_000)

/** An index over a file that has an id in each of its rows, and one that is damaged. */
async function open(damaged = 0) {
  const path = createPath()
  const options = { path, schema: SCHEMA, statements: STATEMENTS, synchronous: 'NORMAL', writer: 'main' } as const
  await (await openDatabase(options)).close()
  const file = new Libsql(path)
  const insert = file.prepare('insert into idempotency values(?, ?, ?)')
  for (let seq = 1; seq <= ROWS; seq++) {
    const text = JSON.stringify([[`id "${seq}"`, 'ask counter/a', seq * HOUR, LONG]])
    insert.run([seq, text, seq === damaged ? 0 : rowChecksum([seq, text])])
  }
  file.close()
  const database = await openDatabase(options)
  onTestFinished(() => database.close())
  const lost: string[] = []
  const ids = createIdempotencyIndex(database, createReleaseQueue(simulatedClock()), (row) => lost.push(row))
  const get = (seq: number) => ids.get(`id "${seq}"`, hashId(`id "${seq}"`), seq * HOUR)
  return { ids, get, lost }
}

test('an id is known before its row is read, and after that', async () => {
  const { ids, get } = await open()
  expect([get(1), get(ROWS), get(ROWS + 1)]).toMatchObject([{ seq: 1 }, { seq: ROWS }, undefined])
  let pages = 1
  for (; ids.readMore(); pages++) expect(get(ROWS)).toMatchObject({ seq: ROWS })
  expect(pages).toBeGreaterThan(2)
  expect([get(7), get(ROWS), get(ROWS + 1)]).toMatchObject([{ seq: 7 }, { seq: ROWS }, undefined])
})

test('many lookups read all rows', async () => {
  const { ids, get } = await open()
  for (let seq = 1; seq < 20; seq++) expect(get(seq)).toMatchObject({ seq })
  expect(ids.readMore()).toBe(false)
})

test('ids are forgotten in their order, also those of rows that were read late', async () => {
  const { ids, get } = await open()
  ids.restore(ROWS + 1, [['new', 'tell counter/a', (ROWS + 1) * HOUR]])
  while (ids.readMore());
  expect(ids.forget(100 * HOUR)).toBe(100)
  expect([get(99), get(100)]).toMatchObject([undefined, { seq: 100 }])
  expect(ids.forget((ROWS + 1) * HOUR)).toBe(ROWS + 1)
})

test.each(['before', 'after'])(
  'an id in a damaged row is refused %s the row is read, and the row is named',
  async (when) => {
    const { ids, get, lost } = await open(50)
    if (when === 'after') while (ids.readMore());
    expect(() => get(50)).toThrow(expect.objectContaining({ code: 'unreadable' }))
    expect(get(51)).toMatchObject({ seq: 51 })
    while (ids.readMore());
    expect(lost).toEqual(['idempotency 50'])
  },
)
