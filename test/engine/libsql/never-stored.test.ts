import { expect, test } from 'vitest'
import type { Database } from '../../../src/store/database/database.ts'
import { actor, ref, takeFirst } from '../../../trials/conformance/actors.ts'
import { createPath, openEngine } from './open.ts'

const ITEM = actor('item', null, () => ({ state: 1, reply: 2 }))
const SAVE_AT_ONCE = { bytes: 1, chunk: 10, trim: 10 }

/** Counts the reads of tables. */
function countReads(counts: { reads: number }): (database: Database) => Database {
  return (database) => ({
    ...database,
    all: (...given) => {
      counts.reads++
      return database.all(...given)
    },
  })
}

test('an actor that never existed is not read from the tables, and a stored one is found', async () => {
  const path = createPath()
  const first = await openEngine(path, { actors: [ITEM], checkpoint: SAVE_AT_ONCE })
  await first.ask(ref('item', 'a'), null)
  await first.ask(ref('item', 'b'), null)
  await first.stop()
  const counts = { reads: 0 }
  const { view } = await openEngine(path, { actors: [ITEM], between: countReads(counts) })
  counts.reads = 0
  expect(await view.peek(ref('item', 'never'))).toBeUndefined()
  expect(await view.inspect(ref('item', 'never'))).toEqual([])
  expect(counts.reads).toBe(0)
  expect(await view.peek(ref('item', 'a'))).toBe(1)
  expect(await view.inspect(ref('item', 'a'))).toMatchObject([{ of: ref('item', 'a'), cell: { status: 'live' } }])
})

test('parts without a row in the tables are read from memory alone', async () => {
  const counts = { reads: 0 }
  const writer = actor('writer', 0, () => ({ state: 1, parts: { one: 1, two: 2 }, events: ['written'], reply: true }))
  const engine = await openEngine(createPath(), { actors: [writer], between: countReads(counts) })
  await engine.ask(ref('writer'), null)
  counts.reads = 0
  expect(await takeFirst(engine.view.parts(ref('writer')))).toEqual([
    ['one', 1],
    ['two', 2],
  ])
  expect(await takeFirst(engine.view.events(ref('writer')), 1)).toMatchObject([{ n: 1, body: 'written' }])
  expect(counts.reads).toBe(0)
})

test('the view of an actor has its own sleeping mail, and not that of others', async () => {
  const wake = (key: string) => ({ timers: { wake: { body: key, delay: 2 ** 30 } }, state: key })
  const sleeper = actor('sleeper', '', (_state, key) => ({ ...wake(String(key)), reply: key }))
  const engine = await openEngine(createPath(), { actors: [sleeper] })
  for (const key of ['a', 'b']) await engine.ask(ref('sleeper', key), key)
  expect(await engine.view.inspect(ref('sleeper', 'b'))).toMatchObject([{ of: ref('sleeper', 'b'), waiting: 1 }])
})
