import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Json } from '../../../src/kernel/schema.ts'
import { defineActor } from '../../../src/kernel/turn.ts'
import type { Turn } from '../../../src/kernel/types.ts'
import { openBlobs } from '../../../src/store/blobs/blobs.ts'
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
