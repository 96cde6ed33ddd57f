import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import {
  type Activation,
  createActivation,
  createUnsaved,
} from '../../../../src/engine/libsql/activation/activation.ts'
import { libsqlEngine } from '../../../../src/engine/libsql/engine.ts'
import { createLogBatch, serializeBatch } from '../../../../src/engine/libsql/log/batch.ts'
import {
  encodeInlined,
  inlinedEvents,
  inlinedParts,
  logEvents,
  packEventRanges,
} from '../../../../src/engine/libsql/tables/inline-rows.ts'
import { partReader } from '../../../../src/engine/libsql/tables/parts.ts'
import { SCHEMA, STATEMENTS } from '../../../../src/engine/libsql/tables/schema.ts'
import type { Json } from '../../../../src/kernel/schema.ts'
import { defineActor } from '../../../../src/kernel/turn.ts'
import type { Database } from '../../../../src/store/database/database.ts'
import { prepareInsert } from '../../../../src/store/database/insert-rows.ts'
import { openDatabase } from '../../../../src/store/database/open.ts'
import { createPath, openEngine } from '../open.ts'

const VALUES: readonly Json[] = [true, null, 'text', 7, [1], { a: { b: 'ü"\\' } }]

/** Writes what it is told: parts by name, and so many events. */
const writer = defineActor({
  kind: 'writer',
  message: z.object({ parts: z.record(z.string(), z.json()).optional(), events: z.number().optional() }),
  initial: () => 0,
  receive: (count, { parts = {}, events = 0 }) => ({
    state: count + 1,
    parts: parts as { [name: string]: Json },
    events: Array.from({ length: events }, (_, n) => VALUES[n % VALUES.length]!),
    reply: count + 1,
  }),
})
const other = defineActor({
  kind: 'other',
  message: z.null(),
  initial: () => 0,
  receive: (count) => ({ state: count + 1, reply: 1 }),
})

async function open(path: string) {
  const options = { path, schema: SCHEMA, statements: STATEMENTS, synchronous: 'NORMAL', writer: 'main' } as const
  const database = await openDatabase(options)
  const engine = libsqlEngine({ actors: [writer, other], database, checkpoint: { bytes: 0, chunk: 1000, trim: 1000 } })
  await engine.start()
  const count = (sql: string) => database.all<{ n: number }>(`select count(*) n from ${sql}`)[0]!.n
  return {
    engine,
    database,
    rows: () => ({
      inlined: count('cell where inlined is not null'),
      parts: count('part'),
      events: count('event'),
    }),
    async tell(body: Json, key = 'a') {
      await engine.ask({ kind: 'writer', key }, body)
      // a flush that carries the checkpoint of the one before
      for (let n = 0; n < 3; n++) await engine.ask({ kind: 'other', key: 'o' }, null)
    },
    async read(key = 'a') {
      const parts: { [name: string]: Json } = {}
      for await (const [name, part] of engine.view.parts({ kind: 'writer', key })) parts[name] = part
      return parts
    },
    async events(count: number, after = 0, key = 'a') {
      const bodies: Json[] = []
      for await (const { n, body } of engine.view.events({ kind: 'writer', key }, { after })) {
        expect(n).toBe(after + bodies.length + 1)
        if (bodies.push(body) === count) break
      }
      return bodies
    },
  }
}

function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-beside-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'engine.db')
}

/** Gives an actor rows of its own, as a writer in another thread does, right after the first statement that reads its parts or events. */
function spreadAtFirstRead(path: string, name: string) {
  let isArmed = false
  const between = (database: Database): Database => ({
    ...database,
    all<Row>(sql: string, parameters?: readonly (string | number | null)[]) {
      const rows = database.all<Row>(sql, parameters)
      if (isArmed && /from (part|event)/.test(sql)) spread()
      return rows
    },
  })
  function spread(): void {
    isArmed = false
    const writer = new Libsql(path)
    const [row] = writer.prepare('select inlined from cell where name = ?').all([name]) as { inlined: string }[]
    writer.exec('begin')
    const parts = [...inlinedParts(row!.inlined)].map(([part, value]) => [name, part, JSON.stringify(value)])
    prepareInsert(writer, STATEMENTS.spreadPart)(parts)
    const events = inlinedEvents(row!.inlined)
    const rows = events.map(({ n, correlationId, body }) => [name, n, correlationId, JSON.stringify(body)])
    prepareInsert(writer, STATEMENTS.spreadEvent)(rows)
    writer.exec('update cell set inlined = null; commit')
    writer.close()
  }
  return { between, arm: () => void (isArmed = true) }
}

const named = (prefix: string, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`${prefix}${n}`, VALUES[n % VALUES.length] ?? 0]))

describe('an actor written for the first time', () => {
  test('is one row, and each part and event is read back unchanged', async () => {
    const path = folderOf()
    const first = await open(path)
    await first.tell({ parts: named('p', 6), events: 6 })
    expect(first.rows()).toEqual({ inlined: 1, parts: 0, events: 0 })
    await first.engine.stop()

    const { engine, read, events } = await open(path)
    expect(await read()).toEqual(named('p', 6))
    expect(await events(6)).toEqual(VALUES)
    expect(await events(2, 4)).toEqual(VALUES.slice(4))
    await engine.stop()
  })

  test('is still one row after the next write, with the current values', async () => {
    const path = folderOf()
    const first = await open(path)
    await first.tell({ parts: named('p', 6), events: 6 })
    await first.engine.stop()

    const second = await open(path)
    await second.tell({ parts: { p1: null, p2: 'new', q: 1 }, events: 2 })
    expect(second.rows()).toEqual({ inlined: 1, parts: 0, events: 0 })
    const { p1: _, ...rest } = named('p', 6)
    expect(await second.read()).toEqual({ ...rest, p2: 'new', q: 1 })
    expect(await second.events(8)).toEqual([...VALUES, true, null])
    await second.engine.stop()
  })

  test('moves to separate rows with the write that makes it large, with the current values', async () => {
    const path = folderOf()
    const first = await open(path)
    await first.tell({ parts: named('p', 6), events: 6 })
    await first.engine.stop()

    const second = await open(path)
    await second.tell({ parts: { p1: null, p2: 'new', ...named('q', 124) }, events: 2 })
    expect(second.rows()).toEqual({ inlined: 0, parts: 129, events: 8 })
    const { p1: _, ...rest } = named('p', 6)
    expect(await second.read()).toEqual({ ...rest, p2: 'new', ...named('q', 124) })
    expect(await second.events(8)).toEqual([...VALUES, true, null])
    await second.engine.stop()
  })

  test('keeps its parts in reach until the rows that it is to get are there', async () => {
    const { engine, database, tell } = await open(folderOf())
    await tell({ parts: named('p', 6) })
    const toGetRows = createActivation('writer/a', undefined, true, false)
    expect(await partReader(database, toGetRows)('p2')).toBe('text')
    await engine.stop()
  })

  test('has rows from the start when there is much of it', async () => {
    const { engine, rows, tell, read } = await open(folderOf())
    await tell({ parts: named('p', 129) })
    expect(rows()).toEqual({ inlined: 0, parts: 129, events: 0 })
    await tell({ parts: { large: 'x'.repeat(80_000) } }, 'b')
    expect(rows()).toEqual({ inlined: 0, parts: 130, events: 0 })
    expect(Object.keys(await read('b'))).toEqual(['large'])
    await engine.stop()
  })

  test('leaves no rows when it stops, and restarts in one row', async () => {
    const { engine, rows, tell, read } = await open(folderOf())
    await tell({ parts: named('p', 3), events: 3 })
    await engine.tell({ kind: 'writer', key: 'a' }, null, { type: 'stop' })
    await tell({ parts: { again: 1 }, events: 1 })
    expect(rows()).toEqual({ inlined: 1, parts: 0, events: 0 })
    expect(await read()).toEqual({ again: 1 })
    await engine.stop()
  })
})

describe('an actor that gets its rows while it is read', () => {
  const reader = defineActor({
    kind: 'reader',
    message: z.enum(['write', 'read']),
    initial: () => null,
    async receive(_state, message, effects) {
      if (message === 'read') return { reply: (await effects.part('p')) ?? null }
      return { parts: { p: 'kept' }, events: ['told'], reply: true }
    },
  })
  const ref = { kind: 'reader', key: 'a' }

  async function openSpreading() {
    const path = createPath()
    const { between, arm } = spreadAtFirstRead(path, 'reader/a')
    const checkpoint = { bytes: 0, chunk: 1000, trim: 1000 }
    const engine = await openEngine(path, { actors: [reader, other], checkpoint, between })
    await engine.ask(ref, 'write')
    for (let n = 0; n < 3; n++) await engine.ask({ kind: 'other', key: 'o' }, null)
    arm()
    return engine
  }

  test('finds its part in its turn', async () => {
    expect(await (await openSpreading()).ask(ref, 'read')).toBe('kept')
  })

  test('shows its parts', async () => {
    const { view } = await openSpreading()
    const parts = []
    for await (const part of view.parts(ref)) parts.push(part)
    expect(parts).toEqual([['p', 'kept']])
  })

  test('tells its events', async () => {
    const { view } = await openSpreading()
    const events = view.events(ref)[Symbol.asyncIterator]()
    expect(await events.next()).toMatchObject({ value: { n: 1, body: 'told' } })
    await events.return?.()
  })
})

test('consecutive events of one piece of work form a stretch', () => {
  const stretches = [
    { first: 2, correlationId: 'a', bodies: [0, 1], batch: 1 },
    { first: 4, correlationId: 'a', bodies: [2], batch: 1 },
    { first: 5, correlationId: 'b', bodies: [3], batch: 1 },
    { first: 7, correlationId: 'b', bodies: [4], batch: 1 },
  ]
  expect(packEventRanges(stretches)).toEqual([
    [2, 'a', [0, 1, 2]],
    [5, 'b', [3]],
    [7, 'b', [4]],
  ])
})

test('nothing lies beside a cell without parts and events', () => {
  expect(encodeInlined(createUnsaved())).toBeNull()
})

test('values beside a cell equal those in the log, for any number of rows; events of one piece of work form one stretch', () => {
  const parts = { first: { a: 1 }, second: ['"'], third: 3 }
  const batches = [['first', 'second'], ['third']] as const
  const resident = createActivation('run/a', undefined, false)
  for (const [n, names] of batches.entries())
    write(resident, n + 1, Object.fromEntries(names.map((name) => [name, parts[name]])))
  expect(JSON.parse(encodeInlined(resident.unsaved)!)).toEqual({
    parts: Object.entries(parts),
    events: [[1, 'run', ['batch 1', 'batch 2']]],
  })
})

test.each([
  [
    'of one piece of work',
    [
      [1, 'run "a"'],
      [3, 'run "a"'],
      [5, 'run "a"'],
    ],
    [[1, 'run "a"', 6]],
  ],
  [
    'of two',
    [
      [1, 'one'],
      [3, 'other'],
      [5, 'other'],
    ],
    [
      [1, 'one', 2],
      [3, 'other', 4],
    ],
  ],
  [
    'with some missing between them',
    [
      [1, 'one'],
      [4, 'one'],
    ],
    [
      [1, 'one', 2],
      [4, 'one', 2],
    ],
  ],
] as const)('events %s form the same stretches, written at once or one by one', (_, told, expected) => {
  const stretches = told.map(([first, correlationId]) => {
    return { first, correlationId, bodies: [first, [first + 1]], batch: first }
  })
  const unsaved = { ...createUnsaved(), events: [...stretches] }
  for (const stretch of stretches) logEvents(unsaved, [stretch])
  const { events: e } = JSON.parse(encodeInlined(unsaved)!) as {
    events: readonly (readonly [number, string, readonly Json[]])[]
  }
  expect(e).toEqual(packEventRanges(stretches))
  expect(e.map(([first, correlationId, bodies]) => [first, correlationId, bodies.length])).toEqual(expected)
})

test.each([
  ['written twice', [{ part: 1 }, { part: 2 }], [['part', 2]]],
  ['removed', [{ part: 1, other: 1 }, { part: null }], [['other', 1]]],
  ['written and removed at once', [{ part: 1 }, { other: 1, part: null }], [['other', 1]]],
])('a part that was %s lies beside a cell as it is now', (_, batches, expected) => {
  const resident = createActivation('run/a', undefined, false)
  for (const [n, parts] of batches.entries()) write(resident, n + 1, parts)
  expect(JSON.parse(encodeInlined(resident.unsaved)!)).toMatchObject({ parts: expected })
})

/** A batch in which the actor writes these parts, and tells that it did. */
function write(resident: Activation, seq: number, parts: { readonly [name: string]: Json }): void {
  const batch = createLogBatch(seq)
  const stretch = { first: seq, correlationId: 'run', bodies: [`batch ${seq}`], batch: seq }
  batch.parts.set(resident, new Map(Object.entries(parts)))
  batch.events.set(resident, [stretch])
  for (const [name, value] of Object.entries(parts)) resident.unsaved.parts.set(name, value)
  resident.unsaved.events.push(stretch)
  serializeBatch(batch)
}
