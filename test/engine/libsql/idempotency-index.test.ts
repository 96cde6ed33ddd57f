import { expect, test } from 'vitest'
import { hashOf } from '../../../src/engine/libsql/hash-index.ts'
import { createKnownIds } from '../../../src/engine/libsql/idempotency.ts'
import { createBatch, idsOf } from '../../../src/engine/libsql/log/batch.ts'
import { createDepartures } from '../../../src/engine/libsql/release-queue.ts'
import { sumOf } from '../../../src/store/database/checked-row.ts'
import { simulatedClock } from '../../../src/testing/index.ts'
import { heldDisk } from './held-disk.ts'

const HOUR = 3_600_000
const reply = (body: string) => ({ body, isError: false })

function open() {
  const ids = createKnownIds(heldDisk(), createDepartures(simulatedClock()))
  const add = (id: string, seq: number, at = 0) => {
    const batch = createBatch(seq)
    ids.add(id, hashOf(id), 'ask counter/a', at, true, batch)
    return batch
  }
  return { ids, add }
}

test('a reply that comes in a later batch is written there, with its id', () => {
  const { ids, add } = open()
  const asked = add('x', 1)
  expect(idsOf(asked)).toBe('[["x","ask counter/a",0]]')
  ids.written(asked)
  const answered = createBatch(2)
  ids.answer('x', reply('yes'), answered)
  expect(idsOf(answered)).toBe('[["x","ask counter/a",0,"yes"]]')
})

test('the first of two replies stands', () => {
  const { ids, add } = open()
  const first = add('x', 1)
  ids.answer('x', reply('first'), first)
  const second = createBatch(2)
  ids.answer('x', reply('second'), second)
  expect(ids.get('x', hashOf('x'), 0)?.reply).toEqual(reply('first'))
  expect([idsOf(first), idsOf(second)]).toEqual(['[["x","ask counter/a",0,"first"]]', undefined])
})

test('of what is forgotten nothing is younger than that', () => {
  const { ids, add } = open()
  for (const hour of [0, 1, 2, 3]) ids.written(add(`id-${hour}`, 10 + hour, hour * HOUR))
  expect(ids.forget(0.5 * HOUR)).toBe(0)
  expect(ids.forget(2.5 * HOUR)).toBe(12)
  expect(ids.get('id-1', hashOf('id-1'), 3 * HOUR)).toBeUndefined()
  expect(ids.get('id-2', hashOf('id-2'), 3 * HOUR)).toMatchObject({ id: 'id-2' })
})

test('times of one row are told from the first of it, and read back as they were', () => {
  const at = Date.UTC(2026, 0, 1)
  const rows: { readonly ids: Buffer; readonly sum: number }[] = []
  const database = { ...heldDisk(), all: <Row>(sql: string) => (sql.includes('from known') ? rows : []) as Row[] }
  const ids = createKnownIds(database, createDepartures(simulatedClock()))
  const batch = createBatch(7)
  for (const [id, later] of [
    ['x', 0],
    ['y', 3],
  ] as const)
    ids.add(id, hashOf(id), 'tell counter/a', at + later, true, batch)
  const keep = (text: string) => (rows[0] = { ids: Buffer.from(text), sum: sumOf([7, text]) })
  keep(idsOf(batch)!)
  ids.written(batch)
  expect(String(rows[0]!.ids)).toBe(`[["x","tell counter/a",${at}],["y","tell counter/a",3]]`)
  expect(ids.get('y', hashOf('y'), at)).toMatchObject({ id: 'y', at: at + 3 })
  keep(`[["x","tell counter/a",${at}],["y","tell counter/a",${at + 3}]]`)
  expect(ids.get('y', hashOf('y'), at)).toMatchObject({ at: at + 3 })
})
