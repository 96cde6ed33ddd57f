import Libsql from 'libsql'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Json } from '../../../src/kernel/schema.ts'
import { defineActor } from '../../../src/kernel/turn.ts'
import type { Turn } from '../../../src/kernel/types.ts'
import { ref, takeFirst } from '../../../trials/conformance/actors.ts'
import { createPath, openEngine } from './open.ts'

/** Does what it is told, and is over when its index says so. */
const worker = defineActor<Json, Turn<Json>>({
  kind: 'worker',
  message: z.any(),
  initial: () => 0,
  receive: (_state, turn) => ({ reply: true, ...turn }),
})
const isOver = ({ index }: { readonly index: object | null }) => index !== null && 'end' in index
const END = { end: 1 }
const given = { actors: [worker], isOver }
const ONE = ref('worker', 'one')

/** What a file says of an actor: what its log was told since the last checkpoint, and whether it has a row. */
function fileAt(path: string) {
  const database = new Libsql(path)
  const log = database.prepare('select data from log').all([]) as readonly { readonly data: string }[]
  const names = database.prepare('select name, inlined from cell').all([]) as readonly {
    name: string
    inlined: string
  }[]
  database.close()
  return { told: log.map(({ data }) => data).join('\n'), rows: new Map(names.map((row) => [row.name, row.inlined])) }
}

async function all(engine: Awaited<ReturnType<typeof openEngine>>, count: number) {
  const parts: Json[] = []
  for await (const part of engine.view.parts(ONE)) parts.push(part as unknown as Json)
  const events = count === 0 ? [] : await takeFirst(engine.view.events(ONE, { live: false }), count)
  return { state: await engine.view.peek(ONE), parts, events: events.map(({ n, body }) => [n, body]) }
}

test('the last turn of a finished actor is written once, directly to the tables', async () => {
  const path = createPath()
  const engine = await openEngine(path, given)
  await engine.start()
  await engine.ask(ONE, { state: 'at the end', index: END, parts: { a: 'part a' }, events: ['event one', 'event two'] })
  const { told, rows } = fileAt(path)
  expect(JSON.parse(rows.get('worker/one')!)).toEqual({
    parts: [['a', 'part a']],
    events: [[1, expect.any(String), ['event one', 'event two']]],
  })
  for (const word of ['at the end', 'part a', 'event one']) expect(told).not.toContain(word)
  expect(await all(engine, 2)).toEqual({
    state: 'at the end',
    parts: [['a', 'part a']],
    events: [
      [1, 'event one'],
      [2, 'event two'],
    ],
  })
  expect(engine.counts.residents).toBe(0)
})

test('earlier rows of the log about a finished actor are ignored', async () => {
  const path = createPath()
  const engine = await openEngine(path, given)
  await engine.start()
  await engine.ask(ONE, { state: 'begun', parts: { a: 'old', b: 'gone', c: 'kept' }, events: ['one'] })
  await engine.ask(ONE, { state: 'over', index: END, parts: { a: 'new', b: null }, events: ['two'] })
  const expected = {
    state: 'over',
    parts: [
      ['a', 'new'],
      ['c', 'kept'],
    ],
    events: [
      [1, 'one'],
      [2, 'two'],
    ],
  }
  expect(await all(engine, 2)).toEqual(expected)
  expect(fileAt(path).told).toContain('begun')
  // another process finds the file as this one would leave it if it died now
  expect(await all(await openEngine(path, given), 2)).toEqual(expected)
})

test('a finished actor can continue and stop like any other', async () => {
  const path = createPath()
  const engine = await openEngine(path, given)
  await engine.start()
  await engine.ask(ONE, { state: 1, index: END, parts: { a: 1, b: 1 }, events: ['one'] })
  await engine.ask(ONE, { state: 2, index: {}, parts: { b: 2 }, events: ['two'] })
  const later = await openEngine(path, given)
  expect(await all(later, 2)).toMatchObject({
    state: 2,
    parts: [
      ['a', 1],
      ['b', 2],
    ],
    events: [
      [1, 'one'],
      [2, 'two'],
    ],
  })
  await later.start()
  await later.ask(ONE, { state: 3, index: END, parts: { a: 3 }, events: ['three'] })
  const last = await openEngine(path, given)
  expect(await all(last, 3)).toMatchObject({
    state: 3,
    parts: [
      ['a', 3],
      ['b', 2],
    ],
  })
  await last.start()
  await last.ask(ONE, { stop: true })
  expect(await all(await openEngine(path, given), 0)).toEqual({ state: undefined, parts: [], events: [] })
})

test('its row holds its last action, also where earlier code stored only a name', async () => {
  const path = createPath()
  const engine = await openEngine(path, given)
  await engine.start()
  await engine.ask(ONE, { state: 1, parts: { a: 'old' }, events: ['one'] })
  await engine.ask(ONE, { state: 2, index: END, parts: { a: 'new' } })
  expect(await all(engine, 1)).toEqual({ state: 2, parts: [['a', 'new']], events: [[1, 'one']] })
})

test('the log names one with more than a row holds, and it goes into the tables in portions', async () => {
  const path = createPath()
  const engine = await openEngine(path, given)
  await engine.start()
  const parts = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`part ${n}`, n]))
  await engine.ask(ONE, { state: 'much', index: END, parts })
  expect(fileAt(path).told).toContain('part 199')
  expect(fileAt(path).rows.size).toBe(0)
  expect((await all(await openEngine(path, given), 0)).parts).toHaveLength(200)
})
