import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { libsqlEngine } from '../../../../src/engine/libsql/engine.ts'
import { SCHEMA, STATEMENTS } from '../../../../src/engine/libsql/tables/schema.ts'
import { defineActor } from '../../../../src/kernel/turn.ts'
import { openDatabase } from '../../../../src/store/database/open.ts'

const counter = defineActor({
  kind: 'counter',
  message: z.null(),
  initial: () => 0,
  receive: (count) => ({ state: count + 1, parts: { [`part-${count}`]: count }, reply: count + 1 }),
})

async function open(path: string) {
  const options = { path, schema: SCHEMA, statements: STATEMENTS, synchronous: 'NORMAL', writer: 'main' } as const
  const database = await openDatabase(options)
  const engine = libsqlEngine({ actors: [counter], database, checkpoint: { bytes: 1000, chunk: 2, trim: 2 } })
  await engine.start()
  return { engine, logRows: () => database.all<{ rows: number }>('select count(*) rows from log')[0]!.rows }
}

test('the log stays short under steady work, and what left it is in the tables', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-checkpoint-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const { engine, logRows } = await open(join(folder, 'engine.db'))
  const lengths: number[] = []
  for (let round = 1; round <= 200; round++) {
    const counted = await Promise.all([1, 2, 3, 4, 5].map((n) => engine.ask({ kind: 'counter', key: `k${n}` }, null)))
    expect(new Set(counted)).toEqual(new Set([round]))
    lengths.push(logRows())
  }
  expect(engine.counts.flushes).toBeGreaterThanOrEqual(200)
  expect(Math.max(...lengths)).toBeLessThan(20)
  await engine.stop()

  const again = await open(join(folder, 'engine.db'))
  for (const n of [1, 2, 3, 4, 5]) expect(await again.engine.view.peek({ kind: 'counter', key: `k${n}` })).toBe(200)
  await again.engine.stop()
})
