import { expect, test } from 'vitest'
import type { LogRow } from '../../../src/engine/libsql/codec.ts'
import { libsqlEngine } from '../../../src/engine/libsql/engine.ts'
import { until } from '../../../src/testing/index.ts'
import { actor, range, ref } from '../../../trials/conformance/actors.ts'
import { heldDisk } from './held-disk.ts'

const TOLD = 5

/** What is written of an actor that is told five times at once, when each turn fills a batch. */
async function writeTurns() {
  const disk = heldDisk()
  const herald = actor('herald', 0, (count) => ({ state: count + 1, events: [count] }))
  const engine = libsqlEngine({ actors: [herald], database: disk, batch: 1 })
  const told = range(TOLD).map((n) => engine.tell(ref('herald'), n))
  await until(() => engine.counts.turns === TOLD)
  disk.letGo()
  await Promise.all(told)
  await engine.stop()
  return { seqs: disk.writes.map(({ seq }) => seq), rows: disk.writes.map(({ log }) => JSON.parse(log) as LogRow) }
}

test('batches are written in the order in which they were filled', async () => {
  const { seqs } = await writeTurns()
  expect(seqs).toEqual(range(seqs.length, 1))
  expect(seqs.length).toBeGreaterThanOrEqual(TOLD)
})

test('the messages that a turn took are in the row of its cell, and no stored one still waits', async () => {
  const { rows } = await writeTurns()
  const waiting = rows.flatMap(({ mail = [] }) => mail.map(([id]) => id))
  expect(waiting.length).toBeGreaterThan(0)
  expect(rows.flatMap(({ taken = [] }) => taken)).toEqual(waiting)
  for (const { cells = [], taken = [] } of rows.filter((row) => row.taken)) expect(cells).toHaveLength(taken.length)
})

test('events are numbered from one', async () => {
  const { rows } = await writeTurns()
  const events = rows.flatMap(({ events = [] }) =>
    events.flatMap(([, stretches]) => stretches.map(([n, , [body]]) => [n, body])),
  )
  expect(events).toEqual(range(TOLD).map((count) => [count + 1, count]))
})
