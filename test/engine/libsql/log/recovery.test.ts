import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import { expect, onTestFinished, test } from 'vitest'
import { type LogRow, packCell, packEnvelope, packMailRow } from '../../../../src/engine/libsql/codec.ts'
import { createIdempotencyIndex } from '../../../../src/engine/libsql/idempotency.ts'
import { createLogBatch, serializeBatch } from '../../../../src/engine/libsql/log/batch.ts'
import { type RecoveredState, recover } from '../../../../src/engine/libsql/log/recovery.ts'
import { createReleaseQueue } from '../../../../src/engine/libsql/release-queue.ts'
import { encodeInlined } from '../../../../src/engine/libsql/tables/inline-rows.ts'
import { SCHEMA, STATEMENTS } from '../../../../src/engine/libsql/tables/schema.ts'
import type { Rows } from '../../../../src/store/database/database.ts'
import { openDatabase } from '../../../../src/store/database/open.ts'
import { simulatedClock } from '../../../../src/testing/index.ts'
import { cell, envelope } from '../../../kernel/fixtures.ts'

/** What is found in a file with such a log; `tables` goes along with its first row, and `damaged` holds bytes that are no text. */
async function recovered(log: readonly LogRow[], tables: readonly Rows[] = [], damaged = 0): Promise<RecoveredState> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-recover-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'engine.db')
  const options = { path, schema: SCHEMA, statements: STATEMENTS, synchronous: 'NORMAL', writer: 'main' } as const
  const database = await openDatabase(options)
  onTestFinished(() => database.close())
  for (const [index, row] of log.entries())
    database.write({ seq: index + 1, log: JSON.stringify(row), ...(index === 0 && { rows: tables }) })
  const other = new Libsql(path)
  onTestFinished(() => void other.close())
  other.prepare(`update log set data = cast(x'7bff7d' as text) where seq = ?`).run([damaged])
  return recover(database, createIdempotencyIndex(database, createReleaseQueue(simulatedClock())))
}

const mail = (id: string) => packEnvelope(envelope({ id }))

test('mail waits until the log takes it, be it in the log or in its table', async () => {
  const table: Rows = ['mail', ['old', 'older'].map((id, n) => [n + 1, id, ...packMailRow(envelope({ id }))])]
  const { pending, stored } = await recovered([{ mail: [mail('a'), mail('b')] }, { taken: ['a', 'old'] }], [table])
  expect([...pending.keys()]).toEqual(['older', 'b'])
  expect([...stored]).toEqual([
    ['old', 1],
    ['older', 2],
  ])
})

test('bytes that are not text count as a damaged row, and do not end the process', async () => {
  const log: readonly LogRow[] = [{ mail: [mail('a')] }, { mail: [mail('b')] }]
  await expect(recovered(log, [], 1)).rejects.toMatchObject({
    code: 'corrupt',
    message: expect.stringContaining('row 1 of the log is damaged'),
  })
  const { pending, torn } = await recovered(log, [], 2)
  expect([[...pending.keys()], torn]).toEqual([['a'], [2]])
})

test('outcomes are removed with their message', async () => {
  const outcome = ['a', 'work', { value: 1 }] as const
  const { pending } = await recovered([{ mail: [mail('a'), mail('b')], outcomes: [outcome] }])
  expect([...pending.values()].map(({ outcomes }) => outcomes && [...outcomes])).toEqual([
    [['work', { value: 1 }]],
    undefined,
  ])
})

test('a restarted actor has nothing of its earlier life', async () => {
  const name = 'counter/a'
  const lives: readonly LogRow[] = [
    { cells: [[name, packCell(cell())]], parts: [[name, [['old', 1]]]], events: [[name, [[1, 'run-1', ['old']]]]] },
    { cells: [[name, packCell(cell({ state: 'new' })), 1]], parts: [[name, [['new', 2]]]] },
  ]
  const { activations } = await recovered(lives)
  expect(activations.get(name)).toMatchObject({ wiped: true, cell: { state: 'new' }, unsaved: { events: [] } })
  expect([...activations.get(name)!.unsaved.parts]).toEqual([['new', 2]])
})

test('a new life has all its parts beside its cell, what was in the log and what is written since', async () => {
  const name = 'counter/a'
  const { activations } = await recovered([{ cells: [[name, packCell(cell()), 1]], parts: [[name, [['kept', 1]]]] }])
  const resident = activations.get(name)!
  for (const n of [2, 3]) {
    const batch = createLogBatch(n)
    batch.parts.set(resident, new Map([['again', n]]))
    resident.unsaved.parts.set('again', n)
    serializeBatch(batch)
  }
  expect(JSON.parse(encodeInlined(resident.unsaved)!)).toEqual({
    parts: [
      ['kept', 1],
      ['again', 3],
    ],
    events: [],
  })
})
