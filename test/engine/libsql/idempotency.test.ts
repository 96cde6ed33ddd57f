import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { libsqlEngine } from '../../../src/engine/libsql/engine.ts'
import { SCHEMA, STATEMENTS } from '../../../src/engine/libsql/tables/schema.ts'
import { defineActor } from '../../../src/kernel/turn.ts'
import { openDatabase } from '../../../src/store/database/open.ts'
import { type SimulatedClock, simulatedClock } from '../../../src/testing/index.ts'

const HOUR = 3_600_000
const to = { kind: 'counter', key: 'one' }

const counter = defineActor({
  kind: 'counter',
  message: z.null(),
  initial: () => 0,
  receive: (count) => ({ state: count + 1, reply: count + 1 }),
})

async function open(folder: string, clock: SimulatedClock) {
  const path = join(folder, 'engine.db')
  const options = { path, schema: SCHEMA, statements: STATEMENTS, synchronous: 'NORMAL', writer: 'main' } as const
  const database = await openDatabase(options)
  const engine = libsqlEngine({ actors: [counter], database, clock, checkpoint: { bytes: 500, chunk: 2, trim: 4 } })
  await engine.start()
  const rows = () =>
    database.all<{ rows: number }>('select (select count(*) from idempotency) + (select count(*) from log) rows')[0]!
      .rows
  return { engine, rows }
}

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-known-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('an id gets its reply for 24 hours, from the log and from its own table, after a stop too; then it is new', async () => {
  const clock = simulatedClock()
  const folder = createFolder()
  let { engine, rows } = await open(folder, clock)
  const ask = (id: string) => engine.ask(to, null, { id })
  expect(await ask('early')).toBe(1)
  for (let n = 2; n <= 60; n++) expect(await ask(`id-${n}`)).toBe(n)
  expect(await ask('early')).toBe(1)
  expect(await ask('id-60')).toBe(60)

  await clock.advance(23 * HOUR)
  await engine.stop()
  ;({ engine, rows } = await open(folder, clock))
  expect(await ask('early')).toBe(1)
  expect(await ask('id-60')).toBe(60)

  await clock.advance(2 * HOUR)
  expect(await ask('early')).toBe(61)
  expect(await ask('early')).toBe(61)
  // a day later those leave the file, a few with each flush
  await clock.advance(24 * HOUR)
  for (let n = 62; n <= 162; n++) await ask(`id-${n}`)
  expect(rows()).toBeLessThan(110)
  await engine.stop()
})

test('the id of a tell cannot be used for an ask or for another actor, before and after a stop', async () => {
  const clock = simulatedClock()
  const folder = createFolder()
  let { engine } = await open(folder, clock)
  await engine.tell(to, null, { id: 'told' })
  for (const again of [true, false]) {
    await expect(engine.ask(to, null, { id: 'told' })).rejects.toMatchObject({ code: 'id_taken' })
    await expect(engine.tell({ ...to, key: 'two' }, null, { id: 'told' })).rejects.toMatchObject({ code: 'id_taken' })
    await engine.tell(to, null, { id: 'told' })
    await engine.stop()
    if (again) ({ engine } = await open(folder, clock))
  }
})

test('long ids go at once where they are kept, and get their replies from there after a crash too', async () => {
  const folder = createFolder()
  const { engine } = await open(folder, simulatedClock())
  const ids = Array.from({ length: 100 }, (_, n) => `${'long '.repeat(20)}${n}`)
  const ask = (other: typeof engine) => Promise.all(ids.map((id) => other.ask(to, null, { id })))
  const replies = await ask(engine)
  const file = new Libsql(join(folder, 'engine.db'))
  expect(file.prepare('select count(*) n from log where ids is not null').get([])).toMatchObject({ n: 0 })
  expect(file.prepare('select json_array_length(ids) n from idempotency').get([])).toMatchObject({ n: 100 })
  file.close()
  // the first one has not stopped: the next one finds what a crash would leave
  const later = await open(folder, simulatedClock())
  expect(await ask(later.engine)).toEqual(replies)
  await later.engine.stop()
})

test('one who asks with an id that is being answered gets the same reply', async () => {
  const { engine } = await open(createFolder(), simulatedClock())
  const replies = await Promise.all([1, 2, 3].map(() => engine.ask(to, null, { id: 'same' })))
  expect(replies).toEqual([1, 1, 1])
  await engine.stop()
})
