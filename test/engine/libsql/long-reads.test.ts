import { expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../../../src/engine/engine.ts'
import { readSinglePart } from '../../../src/kernel/parts.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { defineActor } from '../../../src/kernel/turn.ts'
import type { Turn } from '../../../src/kernel/types.ts'
import { openBlobs } from '../../../src/store/blobs/blobs.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { ref, takeFirst } from '../../../trials/conformance/actors.ts'
import { createPath, openEngine } from './open.ts'

const worker = defineActor<Json, Turn<Json>>({
  kind: 'worker',
  message: z.any(),
  initial: () => 0,
  receive: (_state, turn) => ({ reply: true, ...turn }),
})
const ONE = ref('worker', 'one')
const PARTS = 3000

/** How often other work of this process had a turn while `work` went on. */
async function turnsDuring(work: () => Promise<void>): Promise<number> {
  let turns = 0
  let isOver = false
  const next = () => {
    turns++
    if (!isOver) setImmediate(next)
  }
  setImmediate(next)
  await work()
  isOver = true
  return turns
}

test('other work goes on while a reader takes many parts, of which some are new', async () => {
  const engine = await openEngine(createPath(), { actors: [worker] })
  await engine.start()
  const nameOf = (number: number) => `part ${String(number).padStart(6, '0')}`
  for (let from = 0; from < PARTS; from += 500) {
    const numbers = Array.from({ length: 500 }, (_, index) => from + index)
    await engine.ask(ONE, { parts: Object.fromEntries(numbers.map((number) => [nameOf(number), number])) })
  }
  await engine.ask(ONE, { parts: { [nameOf(7)]: null, [nameOf(8)]: 'new' } })
  const found: unknown[] = []
  const turns = await turnsDuring(async () => {
    for await (const part of engine.view.parts(ONE)) found.push(part)
  })
  const kept = Array.from({ length: PARTS }, (_, number) => [nameOf(number), number === 8 ? 'new' : number])
  expect(found).toEqual(kept.filter((_, number) => number !== 7))
  expect(turns).toBeGreaterThan(PARTS / 500)
})

/** Counts the rows that a database returns, and the entries of the maps in memory that something walks through. */
function countedReads() {
  const read = { rows: 0, entries: 0 }
  for (const walk of ['keys', 'entries', 'values', Symbol.iterator] as const) {
    const before = Map.prototype[walk] as () => never
    const counted = vi.spyOn(Map.prototype, walk as 'keys').mockImplementation(function (this: Map<never, never>) {
      read.entries += this.size
      return before.call(this)
    })
    onTestFinished(() => counted.mockRestore())
  }
  const between = (database: Database): Database => ({
    ...database,
    all(sql, parameters) {
      const rows = database.all<never>(sql, parameters)
      read.rows += rows.length
      return rows
    },
  })
  return { read, between }
}

test('a single part and the first of many cost the same, however many parts there are', async () => {
  const path = createPath()
  const partsOf = (name: string) => Object.fromEntries(Array.from({ length: PARTS }, (_, n) => [`${name} ${n}`, n]))
  const checkpoint = { bytes: 1, chunk: 5000, trim: 1 }
  const before = await openEngine(path, { actors: [worker], checkpoint })
  await before.start()
  for (const _ of [1, 2, 3]) await before.ask(ONE, { parts: partsOf('old') })
  await before.quiet()
  await before.stop()
  const { read, between } = countedReads()
  const engine = await openEngine(path, { actors: [worker], between })
  await engine.start()
  await engine.ask(ONE, { parts: { ...partsOf('new'), 'old 5': 'new' } })
  const readOf = async (name: string) => {
    Object.assign(read, { rows: 0, entries: 0 })
    return { part: await readSinglePart(engine.view.parts, ONE, name), ...read }
  }
  const few = expect.toSatisfy((count: number) => count < 50)
  expect(await readOf('old 7')).toEqual({ part: 7, rows: 1, entries: few })
  expect(await readOf('old 5')).toEqual({ part: 'new', rows: 0, entries: few })
  expect(await readOf('new 2999')).toEqual({ part: 2999, rows: 0, entries: few })
  expect(await readOf('new')).toEqual({ part: undefined, rows: 0, entries: few })
  Object.assign(read, { rows: 0 })
  for await (const part of engine.view.parts(ONE, { prefix: 'old', limit: 2 })) expect(part[1]).toBeLessThan(2)
  expect(read.rows).toBe(2)
})

test('other work goes on while many single parts are read at once', async () => {
  let elapsed = 0
  // each look at the clock takes a millisecond
  const clock = { ...systemClock, elapsed: () => elapsed++ }
  const engine = await openEngine(createPath(), { actors: [worker], clock })
  await engine.start()
  await engine.ask(ONE, { parts: { one: 1 } })
  const readAll = () => Promise.all(Array.from({ length: 500 }, () => readSinglePart(engine.view.parts, ONE, 'one')))
  expect(await turnsDuring(async () => void (await readAll()))).toBeGreaterThan(10)
})

test('a reader who is behind gets each event once', async () => {
  const engine = await openEngine(createPath(), { actors: [worker] })
  await engine.start()
  for (let turn = 0; turn < 20; turn++) await engine.ask(ONE, { events: [`${turn} a`, `${turn} b`] })
  for (const after of [0, 1, 2, 19, 38]) {
    const events = await takeFirst(engine.view.events(ONE, { after, live: false }), 40 - after)
    expect(events.map(({ n }) => n)).toEqual(Array.from({ length: 40 - after }, (_, index) => after + 1 + index))
  }
})

test('other work goes on while a large value is stored and read', async () => {
  const path = createPath()
  const value = Array.from({ length: 400_000 }, (_, number) => [number])
  let hash = ''
  expect(await turnsDuring(async () => void (hash = await openBlobs(path).put(value)))).toBeGreaterThan(8)
  const read: Json[] = []
  expect(await turnsDuring(async () => void read.push(await openBlobs(path).get(hash)))).toBeGreaterThan(8)
  expect(Object.isFrozen((read[0] as readonly Json[])[399_999])).toBe(true)
})
