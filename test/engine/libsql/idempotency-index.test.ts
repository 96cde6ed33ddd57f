import { expect, test } from 'vitest'
import { createIdempotencyIndex } from '../../../src/engine/libsql/idempotency.ts'
import { createLogBatch, serializeIds } from '../../../src/engine/libsql/log/batch.ts'
import { createReleaseQueue } from '../../../src/engine/libsql/release-queue.ts'
import { hashId } from '../../../src/engine/libsql/stored/hash-index.ts'
import { rowChecksum } from '../../../src/store/database/checked-row.ts'
import { simulatedClock } from '../../../src/testing/index.ts'
import { heldDisk } from './held-disk.ts'

const HOUR = 3_600_000
const reply = (body: string) => ({ body, isError: false })

function open() {
  const ids = createIdempotencyIndex(heldDisk(), createReleaseQueue(simulatedClock()))
  const add = (id: string, seq: number, at = 0) => {
    const batch = createLogBatch(seq)
    ids.add(id, hashId(id), 'ask counter/a', at, true, batch)
    return batch
  }
  return { ids, add }
}

test('a reply that comes in a later batch is written there, with its id', () => {
  const { ids, add } = open()
  const asked = add('x', 1)
  expect(serializeIds(asked)).toBe('[["x","ask counter/a",0]]')
  ids.written(asked)
  const answered = createLogBatch(2)
  ids.answer('x', reply('yes'), answered)
  expect(serializeIds(answered)).toBe('[["x","ask counter/a",0,"yes"]]')
})

test('the first of two replies counts', () => {
  const { ids, add } = open()
  const first = add('x', 1)
  ids.answer('x', reply('first'), first)
  const second = createLogBatch(2)
  ids.answer('x', reply('second'), second)
  expect(ids.get('x', hashId('x'), 0)?.reply).toEqual(reply('first'))
  expect([serializeIds(first), serializeIds(second)]).toEqual(['[["x","ask counter/a",0,"first"]]', undefined])
})

test('only entries older than the limit are forgotten', () => {
  const { ids, add } = open()
  for (const hour of [0, 1, 2, 3]) ids.written(add(`id-${hour}`, 10 + hour, hour * HOUR))
  expect(ids.forget(0.5 * HOUR)).toBe(0)
  expect(ids.forget(2.5 * HOUR)).toBe(12)
  expect(ids.get('id-1', hashId('id-1'), 3 * HOUR)).toBeUndefined()
  expect(ids.get('id-2', hashId('id-2'), 3 * HOUR)).toMatchObject({ id: 'id-2' })
})

test('times of a row are stored relative to the first one, and read back unchanged', () => {
  const at = Date.UTC(2026, 0, 1)
  const rows: { readonly ids: Buffer; readonly sum: number }[] = []
  const database = { ...heldDisk(), all: <Row>(sql: string) => (sql.includes('from idempotency') ? rows : []) as Row[] }
  const ids = createIdempotencyIndex(database, createReleaseQueue(simulatedClock()))
  const batch = createLogBatch(7)
  for (const [id, later] of [
    ['x', 0],
    ['y', 3],
  ] as const)
    ids.add(id, hashId(id), 'tell counter/a', at + later, true, batch)
  const keep = (text: string) => (rows[0] = { ids: Buffer.from(text), sum: rowChecksum([7, text]) })
  keep(serializeIds(batch)!)
  ids.written(batch)
  expect(String(rows[0]!.ids)).toBe(`[["x","tell counter/a",${at}],["y","tell counter/a",3]]`)
  expect(ids.get('y', hashId('y'), at)).toMatchObject({ id: 'y', at: at + 3 })
})
