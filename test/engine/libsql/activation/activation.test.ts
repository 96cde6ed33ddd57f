import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { libsqlEngine } from '../../../../src/engine/libsql/engine.ts'
import { SCHEMA, STATEMENTS } from '../../../../src/engine/libsql/tables/schema.ts'
import { defineActor } from '../../../../src/kernel/turn.ts'
import { openDatabase } from '../../../../src/store/database/open.ts'

async function open(actors: Parameters<typeof libsqlEngine>[0]['actors'], onFailed?: (error: Error) => void) {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-residents-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'engine.db')
  const database = await openDatabase({ path, schema: SCHEMA, statements: STATEMENTS, synchronous: 'FULL' })
  const engine = libsqlEngine({ actors, database, ...(onFailed && { onFailed }) })
  onTestFinished(() => engine.stop())
  return { engine, database }
}

const brief = defineActor({
  kind: 'brief',
  message: z.null(),
  initial: () => null,
  receive: () => ({ reply: 'done', stop: true }),
})
const keeper = defineActor({
  kind: 'keeper',
  message: z.null(),
  initial: () => 0,
  receive: (count) => ({ state: count + 1, reply: count + 1 }),
})

test('actors that stop in their only turn leave memory', async () => {
  const { engine } = await open([brief, keeper])
  for (let round = 0; round < 20; round++)
    await Promise.all(
      Array.from({ length: 100 }, (_, index) => engine.ask({ kind: 'brief', key: `${round}.${index}` }, null)),
    )
  await engine.ask({ kind: 'keeper', key: 'one' }, null)
  expect(engine.counts.residents).toBeLessThan(200)
})

test('a write that fails is reported once: waiters get it, nothing later is taken, the stop ends', async () => {
  const failures: string[] = []
  const { engine, database } = await open([keeper], ({ message }) => failures.push(message))
  await engine.ask({ kind: 'keeper', key: 'one' }, null)
  // a row of that number is there already
  database.write({ seq: 1, log: '{}' })
  const waiting = engine.ask({ kind: 'keeper', key: 'one' }, null)
  await expect(waiting).rejects.toMatchObject({ code: 'degraded' })
  await expect(engine.tell({ kind: 'keeper', key: 'one' }, null)).rejects.toMatchObject({ code: 'degraded' })
  expect(failures).toEqual([expect.stringContaining('UNIQUE')])
})
