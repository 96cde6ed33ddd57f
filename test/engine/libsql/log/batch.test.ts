import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { type LogRow, unpackEnvelopes } from '../../../../src/engine/libsql/codec.ts'
import { libsqlEngine } from '../../../../src/engine/libsql/engine.ts'
import { SCHEMA, STATEMENTS } from '../../../../src/engine/libsql/tables/schema.ts'
import { nameOf } from '../../../../src/kernel/ref.ts'
import { defineActor } from '../../../../src/kernel/turn.ts'
import { openDatabase } from '../../../../src/store/database/open.ts'
import { until } from '../../../../src/testing/index.ts'

const ACTORS = 1500
const SENDS = 3

const sender = defineActor({
  kind: 'sender',
  message: z.null(),
  initial: () => 0,
  receive: (count, _message, { self }) => ({
    state: count + 1,
    send: Array.from({ length: SENDS }, (_, index) => ({
      to: { kind: 'sink', key: `${self.key}.${index}` },
      body: null,
    })),
  }),
})
const sink = defineActor({
  kind: 'sink',
  message: z.null(),
  initial: () => 0,
  receive: (count) => ({ state: count + 1 }),
})

test('a turn lies in one row of the log, with all it sent, also where a batch is full', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-batch-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const options = {
    path: join(folder, 'engine.db'),
    schema: SCHEMA,
    statements: STATEMENTS,
    synchronous: 'FULL',
  } as const
  const database = await openDatabase(options)
  const rows: LogRow[] = []
  const write = (one: Parameters<typeof database.write>[0]) => {
    rows.push(JSON.parse(one.log))
    database.write(one)
  }
  const engine = libsqlEngine({ actors: [sender, sink], database: { ...database, write } })
  await Promise.all(Array.from({ length: ACTORS }, (_, key) => engine.tell({ kind: 'sender', key: `${key}` }, null)))
  await until(() => engine.counts.turns === ACTORS * (1 + SENDS))
  await engine.stop()
  expect(rows.length).toBeGreaterThan(2)
  expect(rows.flatMap(tornTurns)).toEqual([])
})

/** Senders whose turn is in a row that does not hold all they sent, as mail that waits or as the cell that took it. */
function tornTurns({ cells: written = [], mail: waiting = [] }: LogRow): readonly string[] {
  const cells = new Set(written.map(([name]) => name))
  const mail = new Set(unpackEnvelopes(waiting).map(({ to }) => nameOf(to)))
  const isThere = (name: string) => cells.has(name) || mail.has(name)
  const senders = [...cells].filter((name) => name.startsWith('sender/'))
  return senders.filter(
    (name) => !Array.from({ length: SENDS }, (_, index) => `sink/${name.slice(7)}.${index}`).every(isThere),
  )
}
